using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Cli.Schemas;

/// <summary>A contract file as text, in the format of the compiler's code fix.</summary>
internal sealed class ContractText
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // The file is never embedded in HTML.
    };

    private readonly JsonObject _contract;

    private ContractText(JsonObject contract) => _contract = contract;

    /// <summary>The shapes in the file.</summary>
    public IEnumerable<(string Name, int Version)> Shapes =>
        from found in Events
        from version in found.Value as JsonObject ?? []
        where int.TryParse(version.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select (found.Key, int.Parse(version.Key, CultureInfo.InvariantCulture));

    private JsonObject Events => _contract["events"] as JsonObject ?? [];

    /// <exception cref="CliException">The file is not a contract.</exception>
    public static ContractText Parse(string file, string text) => new(ContractMerge.Parse(file, text));

    public void Remove(IEnumerable<(string Name, int Version)> shapes)
    {
        foreach (var (name, version) in shapes)
        {
            if (Events[name] is not JsonObject versions)
                continue;
            versions.Remove(version.ToString(CultureInfo.InvariantCulture));
            if (versions.Count == 0)
                Events.Remove(name);
        }
    }

    public string Write() => _contract.ToJsonString(JsonOptions) + "\n";
}
