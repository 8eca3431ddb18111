namespace Millrace.Cli.Completion;

/// <summary>Contains the scripts with which shells get candidates from the tool.</summary>
internal static class ShellScripts
{
    // 'complete' writes one word a line, with its description after a tab; ':files' means the shell's file names.
    private const string Bash = """
        # Completion of millrace for bash: source <(millrace completion bash)
        _millrace() {
          local typed=${COMP_LINE:0:$COMP_POINT} word meaning before files=
          # bash also splits words at ':' and '=' and replaces only the last part: the rest is removed from each word.
          before=${typed##*[[:space:]]}
          before=${before%"${COMP_WORDS[COMP_CWORD]}"}
          COMPREPLY=()
          while IFS=$'\t' read -r word meaning; do
            if [[ $word == :files ]]; then files=1; continue; fi
            word=${word#"$before"}
            [[ $word == -* ]] || printf -v word %q "$word"
            COMPREPLY+=("$word")
          done < <("${COMP_WORDS[0]}" complete -- "$typed" 2> /dev/null)
          if [[ $files ]]; then compopt -o default 2> /dev/null; fi
          if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *- && ${COMPREPLY[0]} != -* ]]; then compopt -o nospace 2> /dev/null; fi
        }
        complete -F _millrace millrace
        """;

    private const string Zsh = """
        #compdef millrace
        # Completion of millrace for zsh: source <(millrace completion zsh), after compinit
        _millrace() {
          local word meaning files=
          local -a found
          while IFS=$'\t' read -r word meaning; do
            if [[ $word == :files ]]; then files=1; continue; fi
            found+=("${word//:/\\:}:$meaning")
          done < <("${words[1]}" complete -- "${(j: :)words[1,CURRENT]}" 2> /dev/null)
          if (( $#found )); then _describe 'millrace' found; fi
          if [[ -n $files ]]; then _files; fi
        }
        compdef _millrace millrace
        """;

    private const string Fish = """
        # Completion of millrace for fish: millrace completion fish | source
        function __millrace_complete
            for line in (millrace complete -- (commandline -cp) 2> /dev/null)
                if test "$line" = ':files'
                    __fish_complete_path (commandline -ct)
                else
                    echo $line
                end
            end
        end
        complete -c millrace -f -a '(__millrace_complete)'
        """;

    private const string PowerShell = """
        # Completion of millrace for PowerShell: millrace completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName millrace -ScriptBlock {
          param($wordToComplete, $commandAst, $cursorPosition)
          $typed = $commandAst.ToString().PadRight($cursorPosition - $commandAst.Extent.StartOffset)
          millrace complete -- $typed 2> $null | Where-Object { $_ -ne ':files' } | ForEach-Object {
            $word, $meaning = $_ -split "`t", 2
            $text = if ($word -match '[\s''"`$;&|(){}]') { "'" + ($word -replace "'", "''") + "'" } else { $word }
            if (-not $meaning) { $meaning = $word }
            [System.Management.Automation.CompletionResult]::new($text, $word, 'ParameterValue', $meaning)
          }
        }
        """;

    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish", "pwsh"];

    public static string? Of(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        "pwsh" => PowerShell,
        _ => null,
    };
}
