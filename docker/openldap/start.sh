#!/bin/sh
# Loads the people into an empty volume, then serves. Passwords come from the environment.
set -eu
umask 077
: "${LDAP_ADMIN_PASSWORD:?}" "${LDAP_BIND_PW:?}"

data=${LDAP_DATA:-/var/lib/ldap}
source=${LDAP_CONF:-/etc/ldap/rollcall/slapd.conf}
people=${LDAP_LDIF:-/bootstrap/people.ldif}
work=$(mktemp -d)

sed "s|^directory .*|directory $data|" "$source" >"$work/slapd.conf"
# Below the line it belongs to, in a file that only this account may read.
sed -i "/^rootdn /a rootpw $(slappasswd -n -s "$LDAP_ADMIN_PASSWORD")" "$work/slapd.conf"

if [ ! -e "$data/loaded" ]; then
  rm -f "$data/data.mdb" "$data/lock.mdb"
  {
    cat "$people"
    printf '\ndn: cn=rollcall,ou=Services,dc=corp,dc=example\n'
    printf 'objectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: rollcall\nuserPassword: %s\n' \
      "$(slappasswd -n -s "$LDAP_BIND_PW")"
  } >"$work/people.ldif"
  slapadd -q -f "$work/slapd.conf" -l "$work/people.ldif"
  touch "$data/loaded"
fi

exec slapd -f "$work/slapd.conf" -h "${LDAP_LISTEN:-ldap://0.0.0.0:1389}" -d 0
