package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCmd is tidemark completion.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"${enum}."`
}

// Help is the part of tidemark completion --help below the usage.
func (*completionCmd) Help() string {
	return `Prints what the shell needs to complete commands, flags and files.

Examples:

    source <(tidemark completion bash)                                  # in ~/.bashrc
    source <(tidemark completion zsh)                                   # in ~/.zshrc, after compinit
    tidemark completion fish > ~/.config/fish/completions/tidemark.fish`
}

// Run prints the script.
func (k *completionCmd) Run(c *console, parser *kong.Kong) error {
	write := map[string]func([]shellCommand) string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[k.Shell]
	if _, err := io.WriteString(c.stdout, write(shellCommands(parser))); err != nil {
		return exitError(closedOutput(c, err))
	}
	return nil
}

// shellCommand is a command as a shell sees it.
type shellCommand struct {
	name, help string
	flags      []shellFlag
}

// shellFlag is a flag: long with its dashes, and short, which may be empty.
type shellFlag struct {
	long, short, help string
	value             bool // one follows
}

// shellCommands lists the commands of the program.
func shellCommands(parser *kong.Kong) []shellCommand {
	var list []shellCommand
	for _, node := range parser.Model.Children {
		cmd := shellCommand{name: node.Name, help: node.Help}
		for _, group := range node.AllFlags(true) {
			for _, f := range group {
				flag := shellFlag{long: "--" + f.Name, help: firstSentence(f.Help), value: !f.IsBool()}
				if f.Short != 0 {
					flag.short = "-" + string(f.Short)
				}
				cmd.flags = append(cmd.flags, flag)
			}
		}
		list = append(list, cmd)
	}
	return list
}

// firstSentence returns a help without what follows, and without characters that a
// shell would look at.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(text, ". ")
	text, _, _ = strings.Cut(text, ": ")
	return strings.NewReplacer("'", "", "[", "(", "]", ")", ":", "").Replace(strings.TrimSuffix(text, "."))
}

func bashCompletion(list []shellCommand) string {
	var b strings.Builder
	var names []string
	for _, c := range list {
		names = append(names, c.name)
	}
	fmt.Fprintf(&b, `# bash completion for tidemark
_tidemark() {
  local cur=${COMP_WORDS[COMP_CWORD]} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '%s --help' -- "$cur"))
    return
  fi
  case ${COMP_WORDS[1]} in
`, strings.Join(names, " "))
	for _, c := range list {
		var words []string
		for _, f := range c.flags {
			words = append(words, f.long)
		}
		fmt.Fprintf(&b, "  %s) words='%s' ;;\n", c.name, strings.Join(words, " "))
	}
	b.WriteString(`  esac
  case $cur in
  -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _tidemark tidemark
`)
	return b.String()
}

func zshCompletion(list []shellCommand) string {
	var b strings.Builder
	b.WriteString("#compdef tidemark\n_tidemark() {\n  local -a commands\n  commands=(\n")
	for _, c := range list {
		fmt.Fprintf(&b, "    '%s:%s'\n", c.name, firstSentence(c.help))
	}
	b.WriteString("  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n  local cmd=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $cmd in\n")
	for _, c := range list {
		fmt.Fprintf(&b, "  %s) _arguments", c.name)
		for _, f := range c.flags {
			value := ""
			if f.value {
				value = ":value:_files"
			}
			fmt.Fprintf(&b, " '%s[%s]%s'", f.long, f.help, value)
		}
		b.WriteString(" '*:file:_files' ;;\n")
	}
	b.WriteString("  esac\n}\ncompdef _tidemark tidemark\n")
	return b.String()
}

func fishCompletion(list []shellCommand) string {
	var b strings.Builder
	b.WriteString("# fish completion for tidemark\n")
	for _, c := range list {
		fmt.Fprintf(&b, "complete -c tidemark -n __fish_use_subcommand -f -a %s -d '%s'\n", c.name, firstSentence(c.help))
		for _, f := range c.flags {
			fmt.Fprintf(&b, "complete -c tidemark -n '__fish_seen_subcommand_from %s' -l %s", c.name, strings.TrimPrefix(f.long, "--"))
			if f.short != "" {
				fmt.Fprintf(&b, " -s %s", f.short[1:])
			}
			if f.value {
				b.WriteString(" -r")
			}
			fmt.Fprintf(&b, " -d '%s'\n", f.help)
		}
	}
	return b.String()
}
