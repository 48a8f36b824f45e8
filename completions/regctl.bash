# shellcheck shell=bash
# Completion of regctl for bash: source this file, or install it as
# /usr/share/bash-completion/completions/regctl.
#
# A row is a command, what its operands are (from the first to the last, which "..." repeats; with
# "--option:" only beside that option) and its options, each with what its value is; LIST are those
# of every list. In capitals as in help: FILE and PATH are completed as files, DIRECTORY as a
# directory, the others not at all. "a|b" is a choice, "fields" a comma list of columns, "topics"
# what help explains; "emails" and other names in small letters are asked of `regctl __complete`,
# a command that help does not show.
_regctl_commands=(
    'create-db - --if-not-exists --journal-mode=wal|truncate'
    'migrate-db - -n/--dry-run --unique-email --grant=ROLE --grant-read=ROLE'
    'move-db FILE'
    'config - LIST'
    'doctor - LIST'
    'backup FILE'
    'restore FILE -n/--dry-run -y/--yes --reason=TEXT'
    'import FILE -n/--dry-run --map=COLUMN --reason=TEXT'
    'export - --csv --email=emails --reason=TEXT'
    'create-admin EMAIL --password-file=FILE --generate-password --if-not-exists --promote --reason=TEXT'
    'register EMAIL --password-file=FILE --generate-password --no-password --no-mail --invite
        --lang=LL --wait --reason=TEXT'
    'show emails'
    'check emails --password-file=FILE'
    'list-accounts PATTERN --state=unconfirmed|confirmed|admin|locked|bounced|pruned|deleted
        --since=TIME --until=TIME --domain=DOMAIN --email=emails --file=FILE --stdin
        --sort=id|email --newest --limit=N --count LIST'
    'list-unconfirmed - --state=queued|held|sending|sent|failed|bounced|cancelled|expired
        --since=TIME --until=TIME --domain=DOMAIN --email=emails
        --file=FILE --stdin --suspect-typo
        --sort=registered|email --newest --limit=N --count LIST'
    'list-admins - --since=TIME --until=TIME --domain=DOMAIN --email=emails
        --file=FILE --stdin --sort=id|email
        --newest --limit=N --count LIST'
    'grant-admin emails --reason=TEXT'
    'revoke-admin admins --force --reason=TEXT'
    'set-password emails --password-file=FILE --generate-password --reason=TEXT'
    'reset-password emails --force --wait --token=TOKEN --password-file=FILE --generate-password --reason=TEXT'
    'change-email emails,NEW --reason=TEXT --wait'
    'lock emails... --reason=TEXT --file=FILE --stdin -n/--dry-run -y/--yes --force'
    'unlock emails... --file=FILE --stdin --reason=TEXT'
    'delete emails... --reason=TEXT --file=FILE --stdin
        --state=unconfirmed|confirmed|admin|locked|bounced --since=TIME --until=TIME --domain=DOMAIN
        --email=emails --newest --limit=N -n/--dry-run -y/--yes --force'
    'undelete deleted... --file=FILE --stdin --new-id --reason=TEXT'
    'erase emails --reason=TEXT -n/--dry-run -y/--yes --force'
    'status -'
    'audit - --since=TIME --until=TIME --domain=DOMAIN --email=emails --file=FILE --stdin
        --by=ACTOR --act=acts --sort=at|email --newest --limit=N --count --verify --head=HASH LIST'
    'report cohorts|funnel|metrics|stuck|html --by=week|month --since=TIME --until=TIME
        --domain=DOMAIN --email=emails --file=FILE --stdin --sort=registered|email
        --newest --limit=N --count LIST'
    'confirm --email:unconfirmed... --email=unconfirmed --file=FILE --reason=TEXT --stdin'
    'unconfirm emails... --reason=TEXT --file=FILE --stdin'
    'issue-token emails... --stdin --purpose=confirm|reset|change-email --url --reason=TEXT LIST'
    'inspect-token TOKEN --stdin LIST'
    'rotate-key - --drop-expired --reason=TEXT'
    'resend unconfirmed... --force --revoke-previous --wait --template=confirm|reminder --all-unconfirmed
        --state=queued|held|sending|sent|failed|bounced|cancelled|expired --since=TIME --until=TIME --domain=DOMAIN --email=emails
        --file=FILE --stdin
        --campaign=NAME --rate=N --newest --limit=N -n/--dry-run -y/--yes --reason=TEXT'
    'list-outbox - --state=queued|held|sending|sent|failed|bounced|cancelled|expired --reply=CODE
        --since=TIME --until=TIME --domain=DOMAIN --email=emails
        --file=FILE --stdin --sort=id|email --newest --limit=N --count LIST'
    'show-mail mails+emails --raw --with-token --reason=TEXT'
    'show-template confirm|reset|change-email|changed-notice|invite|reminder --lang=LL --html'
    'retry-mail failed-mails+waiting-mails+emails... --all-failed
        --state=queued|held|sending|sent|failed|bounced|cancelled|expired --reply=CODE
        --since=TIME --until=TIME --domain=DOMAIN --email=emails
        --file=FILE --stdin --newest --limit=N -n/--dry-run -y/--yes --reason=TEXT'
    'cancel-mail waiting-mails+emails... --state=queued|held|sending|sent|failed|bounced|cancelled|expired
        --reply=CODE --since=TIME --until=TIME --domain=DOMAIN --email=emails
        --file=FILE --stdin
        --newest --limit=N -n/--dry-run -y/--yes --reason=TEXT'
    'release-held - --since=TIME --until=TIME --domain=DOMAIN --email=emails
        --file=FILE --stdin --newest --limit=N -n/--dry-run -y/--yes --reason=TEXT'
    'deliver - --limit=N --timeout=DURATION --wait-for=DURATION -n/--dry-run'
    'send-test EMAIL LIST'
    'bounce FILE --maildir=DIRECTORY --strict'
    'list-bounces - --state=bounced|delayed|declined|unverified --suppressed
        --since=TIME --until=TIME --domain=DOMAIN --email=emails
        --file=FILE --stdin --sort=at|email --newest --limit=N --count LIST'
    'clear-bounce emails... --file=FILE --stdin --reason=TEXT'
    'prune - --older-than=DURATION --since=TIME --until=TIME --domain=DOMAIN --email=emails
        --file=FILE --stdin --limit=N -n/--dry-run -y/--yes --max=N --include-never-mailed
        --plan=FILE --apply=FILE --waves --wave=N --reason=TEXT LIST'
    'list-prunes runs --since=TIME --until=TIME --domain=DOMAIN --email=emails
        --file=FILE --stdin --sort=id|email --newest --limit=N --count LIST'
    'unprune runs+pruned --email=pruned -n/--dry-run -y/--yes --reason=TEXT'
    'purge - -n/--dry-run --reason=TEXT'
    'help topics'
    'completion bash|zsh|fish'
    'tour - --keep'
)
_regctl_globals=(
    -d/--db=PATH --config=FILE '--format=text|json|jsonl|tsv|csv' --json '--color=auto|always|never'
    --local --wide --no-pager --no-input -q/--quiet -v/--verbose --busy-timeout=DURATION -h/--help
    --version
)
_regctl_topics=(environment exit-codes formats)

# Splits the line up to the cursor into `words`. In COMP_WORDS a word ends at @ = and : as well; here
# it ends where there is a blank.
_regctl_split() {
    local piece rest=${COMP_LINE:0:COMP_POINT}
    for piece in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if [[ ${#words[@]} == 0 || $rest == [[:space:]]* ]]; then
            words+=("")
            rest=${rest#"${rest%%[![:space:]]*}"}
        fi
        words[-1]+=${rest:0:${#piece}}
        rest=${rest:${#piece}}
    done
}

# Finds the option called $1: `kind` is what its value is.
_regctl_find() {
    local spec
    option="" kind=""
    for spec in "${specs[@]}"; do
        [[ "/${spec%%=*}/" == */"$1"/* ]] || continue
        option=${spec%%=*}
        [[ $spec != *=* ]] || kind=${spec#*=}
        given+=" $option "
    done
}

# Takes $1 as the value of `option`: regctl is asked about the database that the line names.
_regctl_take() {
    case $option in -d/--db | --config) asked+=("${option#-d/}" "$1") ;; esac
    kind=""
}

# Reads a word before the cursor.
_regctl_read() {
    local i row
    local -a fields
    if [[ $kind ]]; then
        _regctl_take "$1"
    elif [[ ! $ended && $1 == -- ]]; then
        ended=yes
    elif [[ ! $ended && $1 == --* ]]; then
        _regctl_find "${1%%=*}"
        [[ $1 != *=* ]] || _regctl_take "${1#*=}"
    elif [[ ! $ended && $1 == -?* ]]; then
        for ((i = 1; i < ${#1}; i++)); do
            _regctl_find "-${1:i:1}"
            [[ ! $kind || ! ${1:i+1} ]] || { _regctl_take "${1:i+1}" && break; }
        done
    elif [[ $command ]]; then
        case $operands in
            *,*) operands=${operands#*,} ;;
            *...) ;;
            *) operands="" ;;
        esac
    else
        command=$1
        for row in "${_regctl_commands[@]}"; do
            [[ $row == "$1 "* ]] || continue
            read -rd "" -a fields <<<"${row/%LIST/--fields=fields --no-header --raw}"
            operands=${fields[1]} specs+=("${fields[@]:2}")
        done
    fi
}

# Offers a candidate. Readline replaces only what is behind its own last word break, and is told of no
# more than that.
_regctl_add() {
    local word
    printf -v word %q "$1"
    word=$before$word
    COMPREPLY+=("${word:kept}")
}

# Offers those of some words that go on from what is typed.
_regctl_offer() {
    local name
    for name in "$@"; do
        [[ $name != "$typed"* ]] || _regctl_add "$name"
    done
}

# Offers what `regctl __complete` says, as far as it is plain: addresses were chosen by strangers.
_regctl_ask() {
    local word value argv=() values=()
    [[ $typed != -* && $typed != *[!A-Za-z0-9@._%+-]* ]] || return
    for word in "${asked[@]}"; do
        [[ $word && ${word#\~/} != *[![:alnum:]/@._%+:,-]* ]] || return
        [[ $word != \~/* ]] || word=${HOME-~}${word:1}
        argv+=("$word")
    done
    while IFS= read -r value; do
        value=${value%%$'\t'*}
        [[ $value == [!-]* && $value != *[!A-Za-z0-9@._%+-]* ]] || continue
        [[ ${value,,} != "${typed,,}"* ]] || values+=("$value")
    done < <("${argv[@]}" __complete "$1" "$typed" 2>/dev/null </dev/null)
    for value in "${values[@]}"; do
        # Typed in another case, an address is put right once it is the only one.
        [[ ${#values[@]} == 1 ]] || value=$typed${value:${#typed}}
        _regctl_add "$value"
    done
}

# Offers what there is of a kind.
_regctl_values() {
    local name
    local -a names
    case $1 in
        options)
            for name in "${specs[@]%%=*}"; do
                IFS=/ read -ra names <<<"$name"
                [[ $given == *" $name "* ]] || _regctl_offer "${names[@]}"
            done
            ;;
        commands) _regctl_offer "${_regctl_commands[@]%%[[:space:]]*}" ;;
        topics) _regctl_offer "${_regctl_commands[@]%%[[:space:]]*}" "${_regctl_topics[@]}" ;;
        fields)
            compopt -o nospace
            before+=${typed%"${typed##*,}"} typed=${typed##*,}
            _regctl_ask "fields.$command"
            ;;
        FILE | PATH) compopt -o default ;;
        DIRECTORY) compopt -o dirnames ;;
        *"|"*)
            IFS="|" read -ra names <<<"$1"
            _regctl_offer "${names[@]}"
            ;;
        [a-z]*)
            IFS=+ read -ra names <<<"$1"
            for name in "${names[@]}"; do _regctl_ask "$name"; done
            ;;
    esac
}

_regctl() {
    local IFS=$' \t\n' word typed before="" kept
    local command="" operands="" option="" kind="" given="" ended=""
    local -a words=() specs=("${_regctl_globals[@]}") asked
    COMPREPLY=()
    _regctl_split
    asked=("${words[0]}")
    for word in "${words[@]:1:${#words[@]}-2}"; do _regctl_read "$word"; done

    word=${words[-1]} typed=$word kept=$((${#word} - ${#2}))
    if [[ ${words[-2]} == *[\<\>] || $word == [\<\>]* ]]; then
        kind=FILE
    elif [[ ! $kind && ! $ended && $word == --*=* ]]; then
        _regctl_find "${word%%=*}"
        before=${word%%=*}= typed=${word#*=}
    elif [[ ! $kind && ! $ended && $word == -* ]]; then
        kind=options
    elif [[ ! $kind && ! $command ]]; then
        kind=commands
    elif [[ ! $kind && ($operands != *:* || $given == *" ${operands%%:*} "*) ]]; then
        kind=${operands#*:} kind=${kind%%,*} kind=${kind%...}
    fi
    [[ $typed != [\"\']* ]] || before+=${typed:0:1} typed=${typed:1}
    _regctl_values "$kind"
}

complete -F _regctl regctl
