# Completion of regctl for fish: install it in a directory of $fish_complete_path, for instance
# /usr/share/fish/vendor_completions.d.
#
# A row is "=", a command, what its operands are and its summary; or an option of the command above,
# what its value is ("-" for none) and what it means. Operands stand from the first to the last, which
# "..." repeats; with "--option:" only beside that option. In capitals as in help: FILE and PATH are
# completed as files, DIRECTORY as a directory, the others not at all. "a|b" is a choice, "fields" a
# comma list of columns, "topics" what help explains; "emails" and other names in small letters are
# asked of `regctl __complete`, a command that help does not show.
set -l list \
    fields fields 'Columns to print (not for json)' \
    no-header - 'Leave out the line with the names of the columns' \
    raw - 'With csv, print what looks like a formula unchanged'
set -l selection \
    since TIME 'Only from then on: a date, time or age' \
    until TIME 'Only until then: a date, time or age' \
    domain DOMAIN 'Only addresses of this domain' \
    email emails 'Only this account' \
    file FILE 'Only accounts whose addresses are in a file' \
    stdin - 'Only accounts whose addresses are on standard input'
set -l order \
    newest - 'Begin with the newest' \
    limit N 'At most N' \
    count - 'Print only how many there are'
set -l change \
    newest - 'Begin with the newest' \
    limit N 'At most N' \
    n/dry-run - 'Show what would be done, change nothing' \
    y/yes - 'Do not ask'
set -l password password-file FILE 'Read the password from a file, or from stdin'
set -l generate generate-password - 'Make up a password and print it, alone, on stdout'
set -l wait wait - 'Send the mail now; exit 75 if it is not accepted'
set -l reason reason TEXT 'Reason, for the audit'
set -l listed \
    file FILE 'Also what is in a file, one per line' \
    stdin - 'Also what is on standard input, one per line'
set -l states 'queued|held|sending|sent|failed|bounced|cancelled|expired'
set -l table \
    d/db PATH 'Database' \
    config FILE 'Configuration file; none for no file' \
    format 'text|json|jsonl|tsv|csv' 'How results are printed' \
    json - 'The same as --format json' \
    color 'auto|always|never' 'When to use colour' \
    local - 'Show times in text in local time, not in UTC' \
    wide - 'Do not fit tables and lines to the terminal' \
    no-pager - 'Do not show long output page by page' \
    no-input - 'Never ask; fail instead' \
    q/quiet - 'Print nothing but results and errors' \
    v/verbose - 'Print more about errors and versions' \
    busy-timeout DURATION 'How long to wait for another writer' \
    h/help - 'Print help and exit' \
    version - 'Print the version and exit' \
    = create-db - 'Create the database' \
        if-not-exists - 'Succeed if the database already exists' \
        journal-mode 'wal|truncate' 'wal (default), or truncate for read-only users' \
    = migrate-db - 'Adopt an application\'s database, or update an old one' \
        n/dry-run - 'Show what would be done, change nothing' \
        unique-email - 'Forbid addresses that differ only in case' \
        grant ROLE 'Grant a role of the server what commands need' \
        grant-read ROLE 'Grant a role what commands that only read need' \
    = move-db FILE 'Copy everything into an empty database elsewhere' \
    = config - 'Show every setting and its origin' $list \
    = doctor - 'Check configuration, database, keys and mail' $list \
    = backup FILE 'Copy the database while it is in use' \
    = restore FILE 'Put a backup in the place of the database' \
        n/dry-run - 'Check the copy and say what would be replaced' \
        y/yes - 'Do not ask' $reason \
    = import FILE 'Import accounts with their password hashes' \
        n/dry-run - 'Show the result for every line, import nothing' \
        map COLUMN 'Import a column under another name; with none, leave it out' $reason \
    = export - 'Print all accounts with their password hashes' \
        csv - 'Print CSV (RFC 4180), regardless of --format' \
        email emails 'Everything about one person, for that person' $reason \
    = create-admin EMAIL 'Create a confirmed administrator' $password $generate \
        if-not-exists - 'Succeed and change nothing if the account exists' \
        promote - 'Make an existing account a confirmed administrator' $reason \
    = register EMAIL 'Register an account and queue its mail' $password $generate \
        no-password - 'Create the account without a password' \
        no-mail - 'Do not queue a mail' \
        invite - 'Mail a link by which the person sets a password' \
        lang LL 'Language of the mails, such as de or pt-BR' $wait $reason \
    = show emails 'Show an account, its history and the next step' \
    = check emails 'Check by exit code whether an account may log in' $password \
    = list-accounts PATTERN 'Find accounts by a part of their address' \
        state 'unconfirmed|confirmed|admin|locked|bounced|pruned|deleted' 'Only accounts in this state, or in one of several: A,B' \
        sort 'id|email' 'The order (default id)' $selection $order $list \
    = list-unconfirmed - 'List accounts that are not confirmed' \
        state $states 'Only accounts whose last mail is in this state, or A,B' \
        suspect-typo - 'Only domains that look like a misspelt one' \
        sort 'registered|email' 'The order (default registered)' $selection $order $list \
    = list-admins - 'List the administrators' \
        sort 'id|email' 'The order (default email)' $selection $order $list \
    = grant-admin emails 'Make an account an administrator' $reason \
    = revoke-admin admins 'Remove the administrator rights of an account' \
        force - 'Allow it for the last administrator' $reason \
    = set-password emails 'Set the password of an account' $password $generate $reason \
    = reset-password emails 'Mail a password reset link, or use one' \
        force - 'Ignore the limits; the audit records it' $wait \
        token TOKEN 'Use this token or link' $password $generate $reason \
    = change-email emails,NEW 'Change the address of an account' \
        $reason $wait \
    = lock emails... 'Lock accounts, or all accounts of a domain' \
        reason TEXT 'Reason, for the audit (required)' $listed \
        n/dry-run - 'Show what would be done, change nothing' \
        y/yes - 'Do not ask about a domain' \
        force - 'Allow it for the last administrator' \
    = unlock emails... 'Unlock accounts, or all accounts of a domain' \
        $listed $reason \
    = delete emails... 'Delete accounts' \
        reason TEXT 'Reason, for the audit (required)' $listed \
        state 'unconfirmed|confirmed|admin|locked|bounced' 'Only accounts in this state, or in one of several: A,B' \
        $selection[1..12] $change \
        force - 'Allow it for the last administrator' \
    = undelete deleted... 'Restore deleted accounts' \
        new-id - 'Give it another number if its own is taken' \
        $listed $reason \
    = erase emails 'Erase a person, for good' \
        reason TEXT 'Reason, for the audit, without address (required)' \
        n/dry-run - 'Show what would be done, change nothing' \
        y/yes - 'Do not ask' \
        force - 'Allow it for the last administrator' \
    = status - 'Show accounts, mails and regular work at a glance' \
    = audit - 'List the actions of operators' \
        by ACTOR 'Only entries of this person' \
        act acts 'Only entries of this kind' \
        verify - 'Only check that no entry was changed or deleted' \
        head HASH 'With --verify: a hash printed earlier' \
        sort 'at|email' 'The order (default at)' $selection $order $list \
    = report 'cohorts|funnel|metrics|stuck|html' 'Report confirmations, domains, metrics and stuck accounts' \
        by 'week|month' 'Length of a cohort (default week)' \
        sort 'registered|email' 'The order (default registered)' $selection $order $list \
    = confirm --email:unconfirmed... 'Confirm an account by its link, or by hand' \
        email unconfirmed 'Confirm this account by hand' \
        file FILE 'Confirm the accounts whose addresses are in a file' \
        reason TEXT 'Reason, for the audit; required with --email and --file' \
        stdin - 'Read tokens or links from standard input, one per line' \
    = unconfirm emails... 'Make an account unconfirmed again' \
        reason TEXT 'Reason, for the audit (required)' $listed \
    = issue-token emails... 'Print a token or link for an account' \
        stdin - 'Read addresses from standard input, one per line' \
        purpose 'confirm|reset|change-email' 'What the token is for (default confirm)' \
        url - 'Print the whole link, from the URL setting of the purpose' $reason $list \
    = inspect-token TOKEN 'Explain a token without using it' \
        stdin - 'Read tokens from standard input, one per line' $list \
    = rotate-key - 'Sign links with a new key' \
        drop-expired - 'Only take out keys that no valid link needs' $reason \
    = resend unconfirmed... 'Queue the confirmation mail again' \
        force - 'Ignore the limits; the audit records it' \
        revoke-previous - 'Revoke the links mailed earlier' $wait \
        template 'confirm|reminder' 'The mail to queue (default confirm)' \
        all-unconfirmed - 'Queue a mail to every unconfirmed account' \
        state $states 'Only accounts whose last mail is in this state, or A,B' \
        campaign NAME 'One mail to each account under this name' \
        rate N 'Send at most N mails per s, m, h or d' $selection $change $reason \
    = list-outbox - 'List the mails of the outbox' \
        state $states 'Only mails in this state, or in several: A,B' \
        reply CODE 'Only mails whose last reply has this code: 550, 5.7' \
        sort 'id|email' 'The order (default id)' $selection $order $list \
    = show-mail mails+emails 'Show a mail, or its text as it would be sent' \
        raw - 'Print the mail itself' \
        with-token - 'With --raw: include a valid token' $reason \
    = show-template 'confirm|reset|change-email|changed-notice|invite|reminder' \
        'Show a mail made of its templates and sample data' \
        lang LL 'In a language, such as de or pt-BR' html - 'Print the HTML part' \
    = retry-mail failed-mails+waiting-mails+emails... 'Make a mail due now' \
        all-failed - 'Every mail that failed permanently' \
        state $states 'Only mails in this state, or in several: A,B' \
        reply CODE 'Only mails whose last reply has this code: 550, 5.7' $selection $change $reason \
    = cancel-mail waiting-mails+emails... 'Call off a mail that waits' \
        state $states 'Only mails in this state, or in several: A,B' \
        reply CODE 'Only mails whose last reply has this code: 550, 5.7' $selection $change $reason \
    = release-held - 'Send the mails that are held' $selection $change $reason \
    = deliver - 'Send the mail that is due' \
        limit N 'Send at most N mails' \
        timeout DURATION 'Time limit of the whole pass' \
        wait-for DURATION 'Go on for so long, and send each mail as it is queued' \
        n/dry-run - 'Show what would be done, change nothing' \
    = send-test EMAIL 'Send a test mail and show every step' $list \
    = bounce FILE 'Record reports of mail that was not delivered' \
        maildir DIRECTORY 'Read every new mail of a Maildir' \
        strict - 'Fail (65) on a mail that is no report about a sent mail' \
    = list-bounces - 'List the reports of mail that was not delivered' \
        state 'bounced|delayed|declined|unverified' 'Only reports with this result, or with several: A,B' \
        suppressed - 'Only reports whose address gets no further mail' \
        sort 'at|email' 'The order (default at)' $selection $order $list \
    = clear-bounce emails... 'Allow mail to an address that bounced' \
        $listed $reason \
    = prune - 'Delete stale unconfirmed accounts' \
        older-than DURATION 'Age (default prune_after)' \
        limit N 'At most N' \
        n/dry-run - 'Show what would be done, change nothing' \
        y/yes - 'Do not ask' \
        max N 'Delete nothing if more than N would be pruned' \
        include-never-mailed - 'Include accounts whose mail never got an answer' \
        plan FILE 'Write the accounts to a plan, delete nothing' \
        apply FILE 'Delete only accounts of a plan' \
        waves - 'List bursts of registrations, delete nothing' \
        wave N 'Only the burst that begins with account N' $selection $reason $list \
    = list-prunes runs 'List prune runs, or the accounts of one' \
        sort 'id|email' 'The order (default id)' $selection $order $list \
    = unprune runs+pruned 'Restore pruned accounts' \
        email pruned 'Only this account, without a question' \
        n/dry-run - 'Show what would be done, change nothing' \
        y/yes - 'Do not ask' $reason \
    = purge - 'Remove what is kept no longer, for good' \
        n/dry-run - 'Show what would be purged, change nothing' $reason \
    = help topics 'Explain a command or a topic' \
    = completion 'bash|zsh|fish' 'Print the completion script of a shell' \
    = tour - 'Show the commands at work in a temporary directory' \
        keep - 'Keep the directory'
set -g __regctl_topics \
    environment\t'Variables that regctl reads' \
    exit-codes\t'Exit codes and error codes' \
    formats\t'Text, JSON and tab-separated output'

# Of each command its summary, its operands and its options as argparse knows them, behind its name
# and a tab. Options of every command are behind a tab alone.
set -g __regctl_summaries
set -g __regctl_operands
set -g __regctl_options

complete -c regctl -f -a '(__regctl_values (__regctl_operand))'
complete -c regctl -n 'contains (__regctl_operand) FILE PATH' -F
set -l command ''
while set -q table[1]
    if test $table[1] = =
        set command $table[2]
        set -a __regctl_operands $command\t$table[3]
        set -a __regctl_summaries $command\t$table[4]
        set -e table[1..4]
        continue
    end
    set -l names (string split / $table[1])
    set -l option -l $names[-1] -d $table[3]
    set -q names[2]; and set -a option -s $names[1]
    test -n "$command"; and set -a option -n "contains $command (__regctl_command)"
    switch $table[2]
        case -
            set -a __regctl_options $command\t$table[1]
        case FILE PATH
            set -a option -r -F
            set -a __regctl_options $command\t$table[1]=
        case '*'
            set -a option -x -a "(__regctl_values '$table[2]')"
            set -a __regctl_options $command\t$table[1]=
    end
    complete -c regctl $option
    set -e table[1..3]
end

# Prints what is behind $argv[1] in one of the lists above.
function __regctl_of
    string replace -rf "^$argv[1]\t" '' $argv[2..]
end

# Prints the command of the line, once it is complete.
function __regctl_command
    set -l words (commandline -opc)
    argparse -s (__regctl_of '' $__regctl_options) -- $words[2..] 2>/dev/null
    and contains -- "$argv[1]" (string split -f 1 \t $__regctl_summaries)
    and echo $argv[1]
end

# Prints what the operand at the cursor is.
function __regctl_operand
    set -l command (__regctl_command)
    or begin
        echo commands
        return
    end
    set -l words (commandline -opc)
    set -l options (__regctl_of '' $__regctl_options) (__regctl_of $command $__regctl_options)
    argparse $options -- $words[2..] 2>/dev/null
    or return
    set -l operands (string split -- : (__regctl_of $command $__regctl_operands))
    set -q operands[2]; and not string match -q -- "$operands[1]*" $words; and return
    set -l kinds (string split , $operands[-1])
    set -l place (count $argv)
    if set -q kinds[$place]
        string replace ... '' $kinds[$place]
    else
        string replace -f ... '' $kinds[-1]
    end
end

# Prints what there is of a kind.
function __regctl_values -a kind
    switch "$kind"
        case commands
            string join \n $__regctl_summaries
        case topics
            string join \n $__regctl_summaries $__regctl_topics
        case '*|*'
            string split '|' $kind
        case fields
            set -l before (__regctl_typed | string match -r '^.*,')
            for field in (__regctl_ask fields.(__regctl_command))
                echo "$before"$field
            end
        case DIRECTORY
            __fish_complete_directories (__regctl_typed)
        case '*'
            for kind in (string split + $kind | string match -r '^[a-z].*')
                __regctl_ask $kind
            end
    end
end

# Prints what is typed of an operand or of the value of an option.
function __regctl_typed
    commandline -ct | string replace -r '^(--[\w-]+=)?["\']?' ''
end

# Prints what `regctl __complete` says of a kind, in the database that the line names, as far as it is
# plain: addresses were chosen by strangers.
function __regctl_ask -a kind
    set -l command (__regctl_command)
    or return
    set -l words (commandline -opc)
    set -l options (__regctl_of '' $__regctl_options) (__regctl_of $command $__regctl_options)
    argparse $options -- $words[2..] (commandline -ct) 2>/dev/null
    or return
    set -l asked
    for word in $words[1] --db=$_flag_db --config=$_flag_config
        string match -qr '^(--\w+=)?(~/)?[\p{L}\p{N}/@._%+:,-]+$' -- $word
        or return
        set -a asked (string replace '~/' $HOME/ -- $word)
    end
    type -q $asked[1]
    or return
    set -l prefix (__regctl_typed | string replace -r '^.*,' '')
    string match -qr '^([A-Za-z0-9@._%+][A-Za-z0-9@._%+-]*)?$' -- $prefix
    or return
    $asked __complete $kind "$prefix" 2>/dev/null </dev/null |
        string replace -ar '[^\P{C}\t]' '?' |
        string match -r '^[A-Za-z0-9@._%+][A-Za-z0-9@._%+-]*(?:\t.*)?$'
end
