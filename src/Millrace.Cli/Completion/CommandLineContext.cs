using System.CommandLine;

namespace Millrace.Cli.Completion;

/// <summary>The command, the option and the word at the end of an incomplete command line.</summary>
internal sealed class CommandLineContext
{
    private readonly List<Command> _path = [];
    private bool _isPastOptions;

    private CommandLineContext(Command root) => _path.Add(root);

    /// <summary>Gets the command that the line calls.</summary>
    public Command Command => _path[^1];

    /// <summary>Gets the word that the user is typing, without a preceding option and '='.</summary>
    public string Word { get; private set; } = "";

    /// <summary>Gets the text that precedes <see cref="Word"/> without a space, such as <c>--type=</c>.</summary>
    public string Before { get; private set; } = "";

    /// <summary>Gets the option whose value the user is typing, or null.</summary>
    public Option? Option { get; private set; }

    /// <summary>Gets the number of preceding arguments.</summary>
    public int Arguments { get; private set; }

    /// <summary>Gets the options that the line already contains.</summary>
    public HashSet<Option> PresentOptions { get; } = [];

    public bool MayBeOption => Option is null && !_isPastOptions;

    /// <summary>Gets the options that the command accepts, starting with its own options.</summary>
    public IEnumerable<Option> Options =>
        Command
            .Options.Concat(_path.SkipLast(1).SelectMany(command => command.Options.Where(option => option.Recursive)))
            .Where(option => !option.Hidden);

    public static CommandLineContext Of(Command root, IReadOnlyList<string> words)
    {
        var context = new CommandLineContext(root);
        for (var i = 1; i < words.Count - 1; i++)
            context.ReadWord(words[i]);
        context.ReadTypedWord(words.Count > 1 ? words[^1] : "");
        return context;
    }

    private void ReadWord(string word)
    {
        if (Option is not null)
            Option = null; // The word was the value of the option.
        else if (word == "--" && !_isPastOptions)
            _isPastOptions = true;
        else if (!_isPastOptions && word.StartsWith('-') && Find(word.Split('=')[0]) is { } option)
            ReadOption(option, hasValue: word.Contains('=', StringComparison.Ordinal));
        else if (Arguments == 0 && Command.Subcommands.FirstOrDefault(command => command.Name == word) is { } next)
            _path.Add(next);
        else
            Arguments++;
    }

    private void ReadOption(Option option, bool hasValue)
    {
        PresentOptions.Add(option);
        if (!hasValue && TakesValue(option))
            Option = option;
    }

    private void ReadTypedWord(string word)
    {
        var parts = word.Split('=', 2);
        if (MayBeOption && parts.Length == 2 && Find(parts[0]) is { } option && TakesValue(option))
            (Option, Before, Word) = (option, parts[0] + "=", parts[1]);
        else
            Word = word;
    }

    private Option? Find(string name) =>
        Options.FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));

    private static bool TakesValue(Option option) =>
        option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0;
}
