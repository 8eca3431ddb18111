using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Cli.Schemas;

/// <summary>
/// The contract of a build beside the file that there is: a build whose compiler was not told of the file knows neither
/// its mode nor what in it is read without a record.
/// </summary>
internal sealed class ContractMerge
{
    private const string Mode = "compatibility";

    /// <summary>Compares the two.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="before">The file's text; empty when there is none.</param>
    /// <param name="built">The contract of the build.</param>
    /// <exception cref="CliException">The file is no contract.</exception>
    public ContractMerge(string file, string before, string built)
    {
        Text = built;
        if (string.IsNullOrWhiteSpace(before))
            return;
        var (stored, now) = (Parse(file, before), Parse("the build", built));
        if (ModeOf(stored) is { } mode && ModeOf(now) is { } other)
            Text = built.Replace(
                $"\"{Mode}\": \"{other}\"", $"\"{Mode}\": {JsonSerializer.Serialize(mode)}", StringComparison.Ordinal);
        var kept = Shapes(now).ToHashSet();
        Dropped =
        [
            .. Shapes(stored)
                .Where(shape => !kept.Contains(shape))
                .Select(shape => $"'{shape.Name}' version {shape.Version}"),
        ];
    }

    /// <summary>What the file is to be: the build's shapes, in the mode that the file has.</summary>
    public string Text { get; }

    /// <summary>Shapes in the file that the build does not have.</summary>
    public IReadOnlyList<string> Dropped { get; } = [];

    private static string? ModeOf(JsonObject contract) =>
        contract[Mode] is JsonValue value && value.TryGetValue<string>(out var mode) ? mode : null;

    private static IEnumerable<(string Name, string Version)> Shapes(JsonObject contract) =>
        from found in contract["events"] as JsonObject ?? []
        from version in found.Value as JsonObject ?? []
        select (found.Key, version.Key);

    /// <exception cref="CliException">It is no JSON object.</exception>
    internal static JsonObject Parse(string file, string text)
    {
        try
        {
            if (JsonNode.Parse(text) is JsonObject contract)
                return contract;
        }
        catch (JsonException exception)
        {
            throw new CliException(
                ExitCode.Failed,
                $"{file} is no contract: {exception.Message}",
                "Mend it, or bring it back from version control.");
        }
        throw new CliException(
            ExitCode.Failed, $"{file} is no contract: it holds no JSON object.", "Bring it back from version control.");
    }
}
