using System.Text;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Contracts;

/// <summary>
/// The contract file <c>events.contract.json</c> in the user's repository, with all shapes that were ever stored.
/// </summary>
/// <param name="Mode">The required compatibility of a new version.</param>
/// <param name="Events">The members by stored name and version.</param>
internal sealed record ContractFile(
    string Mode, SortedDictionary<string, SortedDictionary<int, SortedDictionary<string, string>>> Events)
{
    /// <summary>The current format of the file, which writes flags as numbers.</summary>
    private const string CurrentFormat = "2";

    /// <summary>Gets whether the file has an older format, which writes flags like other enumerations.</summary>
    public bool FlagsMayBeTexts { get; private init; }

    public const string FileName = "events.contract.json";
    public const string DefaultMode = "backward";

    /// <summary>
    /// The supported modes of compatibility. Backward compatibility is always transitive: every stored version can be
    /// read as the newest version.
    /// </summary>
    public static readonly string[] Modes =
    [
        "backward",
        "forward",
        "forward-transitive",
        "full",
        "full-transitive",
        "none",
    ];

    public static ContractFile Empty(string mode) => new(mode, new(StringComparer.Ordinal));

    /// <summary>Returns the members of a version, or null if there is none.</summary>
    public IReadOnlyDictionary<string, string>? Find(string name, int version) =>
        Events.TryGetValue(name, out var versions) && versions.TryGetValue(version, out var members) ? members : null;

    /// <summary>Returns all shapes in the file.</summary>
    public IEnumerable<(string Name, int Version, SortedDictionary<string, string> Members)> All() =>
        Events.SelectMany(found => found.Value.Select(version => (found.Key, version.Key, version.Value)));

    public void Add(string name, int version, IEnumerable<(string Name, string Text)> members)
    {
        if (!Events.TryGetValue(name, out var versions))
            Events[name] = versions = [];
        versions[version] = new(StringComparer.Ordinal);
        foreach (var (member, text) in members)
            versions[version][member] = text;
    }

    /// <summary>Parses the text of the file.</summary>
    /// <exception cref="FormatException">The text is not a contract. The message contains the reason.</exception>
    public static ContractFile Parse(string text)
    {
        var reader = new ContractReader(text);
        var contract = Empty(DefaultMode) with { FlagsMayBeTexts = true };
        foreach (var member in reader.Object())
        {
            if (member == "compatibility")
                contract = contract with { Mode = reader.Text() };
            else if (member == "format")
                contract = reader.Text() == CurrentFormat ? contract with { FlagsMayBeTexts = false } : throw Newer();
            else if (member == "events")
                ReadEvents(reader, contract);
            else
                throw new FormatException($"it has an unknown member '{member}'");
        }
        reader.End();
        return Modes.Contains(contract.Mode)
            ? contract
            : throw new FormatException(
                $"'{contract.Mode}' is no compatibility: use one of {string.Join(", ", Modes)}");
    }

    public string Write()
    {
        var text = new StringBuilder("{\n");
        if (!FlagsMayBeTexts)
            text.Append("  \"format\": ").Append(CurrentFormat.Literal()).Append(",\n");
        text.Append("  \"compatibility\": ").Append(Mode.Literal()).Append(",\n  \"events\": {");
        var isFirst = true;
        foreach (var found in Events)
        {
            text.Append(isFirst ? "\n    " : ",\n    ").Append(found.Key.Literal()).Append(": {");
            isFirst = false;
            var versions = found.Value.Select(version =>
                $"\n      \"{version.Key.Literal()}\": {{{Members(version.Value)}}}");
            text.Append(string.Join(",", versions));
            text.Append("\n    }");
        }
        return text.Append(isFirst ? "}\n}\n" : "\n  }\n}\n").ToString();
    }

    private static FormatException Newer() => new($"its format is not {CurrentFormat}: a newer Millrace wrote it");

    private static string Members(SortedDictionary<string, string> members)
    {
        var lines = string.Join(
            ",", members.Select(member => $"\n        {member.Key.Literal()}: {member.Value.Literal()}"));
        return lines.Length == 0 ? "" : lines + "\n      ";
    }

    private static void ReadEvents(ContractReader reader, ContractFile contract)
    {
        foreach (var name in reader.Object())
        {
            foreach (var version in reader.Object())
            {
                if (!int.TryParse(version, out var number) || number < 1)
                    throw new FormatException($"'{version}' is not a version of '{name}'");
                contract.Add(name, number, reader.Object().Select(member => (member, reader.Text())));
            }
        }
    }
}
