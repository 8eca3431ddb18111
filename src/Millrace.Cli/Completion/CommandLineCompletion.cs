using System.CommandLine;
using System.CommandLine.Completions;

namespace Millrace.Cli.Completion;

/// <summary>Finds completion candidates: commands, options, and values from the store.</summary>
internal sealed class CommandLineCompletion(Command root, StoreCompletions values)
{
    /// <summary>The candidate that tells the shell to complete file names.</summary>
    public const string Files = ":files";

    private static readonly string[] FileOptions = ["--store", "--file", "--build", "--directory"];

    public async Task<List<CompletionCandidate>> Find(string line, CancellationToken cancellationToken)
    {
        var context = CommandLineContext.Of(root, CommandLineTokenizer.Of(line));
        if (context.Option is { } option)
            return
            [
                .. (await ValuesOf(option, context.Word, cancellationToken)).Select(candidate =>
                    candidate with
                    {
                        Text = context.Before + candidate.Text,
                    }
                ),
            ];
        if (context.MayBeOption && context.Word.StartsWith('-'))
            return [.. OptionsAt(context)];
        var found = context.Arguments == 0 ? CommandsAt(context) : [];
        var argument =
            context.Command.Arguments.ElementAtOrDefault(context.Arguments) ?? RepeatedArgument(context.Command);
        return argument is null ? found : [.. found, .. await ValuesOf(argument, context.Word, cancellationToken)];
    }

    private static List<CompletionCandidate> CommandsAt(CommandLineContext context) =>
    [
        .. from command in context.Command.Subcommands
           where !command.Hidden && command.Name.StartsWith(context.Word, StringComparison.Ordinal)
           select new CompletionCandidate(command.Name, command.Description ?? ""),
    ];

    private static IEnumerable<CompletionCandidate> OptionsAt(CommandLineContext context) =>
        from option in context.Options
        where option.Arity.MaximumNumberOfValues > 1 || !context.PresentOptions.Contains(option)
        where option.Name.StartsWith(context.Word, StringComparison.Ordinal)
        select new CompletionCandidate(option.Name, option.Description ?? "");

    /// <summary>
    /// Returns the last argument of a command if the argument can be repeated. Otherwise, returns null.
    /// </summary>
    private static Argument? RepeatedArgument(Command command) =>
        command.Arguments.LastOrDefault() is { Arity.MaximumNumberOfValues: > 1 } last ? last : null;

    private async Task<IEnumerable<CompletionCandidate>> ValuesOf(
        Option option, string word, CancellationToken cancellationToken) =>
        option.Name switch
        {
            "--stream" => await values.Streams(word, cancellationToken),
            "--type" => await values.Types(word, cancellationToken),
            "--consumer" => await values.Consumers(word, cancellationToken),
            "--cause" => await values.Causes(word, cancellationToken),
            "--expect" => Words(word, "any", "none", "exists"),
            "--stream-from" => Words(word, "subject", "source", "type"),
            _ when FileOptions.Contains(option.Name) => [new CompletionCandidate(Files, "")],
            _ when option.ValueType.GetElementType() is { IsEnum: true } kind => Words(word, Enum.GetNames(kind)),
            _ => Matching(option.GetCompletions(CompletionContext.Empty), word),
        };

    private async Task<IEnumerable<CompletionCandidate>> ValuesOf(
        Argument argument, string word, CancellationToken cancellationToken) =>
        argument.Name switch
        {
            "stream" or "prefix" => await values.Streams(word, cancellationToken),
            "consumer" => await values.Consumers(word, cancellationToken),
            "projection" or "read-model" => await values.ReadModels(word, cancellationToken),
            "letter" => await values.DeadLetters(word, cancellationToken),
            "name" => await values.Types(word, cancellationToken),
            "file" => [new CompletionCandidate(Files, "")],
            "shell" => Words(word, [.. ShellScripts.Shells]),
            "command" => Matching(
                root.Subcommands.Where(command => !command.Hidden).Select(command => new CompletionItem(command.Name)),
                word),
            _ => [],
        };

    private static IEnumerable<CompletionCandidate> Matching(IEnumerable<CompletionItem> items, string word) =>
        items.Where(item => item.Label.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(item => new CompletionCandidate(item.Label, item.Detail ?? ""));

    private static IEnumerable<CompletionCandidate> Words(string word, params string[] all) =>
        all.Where(candidate => candidate.StartsWith(word, StringComparison.Ordinal))
            .Select(candidate => new CompletionCandidate(candidate, ""));
}
