using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Cli.Schemas;

/// <summary>
/// Merges the contract of a build with the existing contract file. If the contract file was not an
/// <c>AdditionalFiles</c> item of the build, the contract of the build lacks the mode of the file. It also lacks the
/// events that no longer have a record.
/// </summary>
internal sealed class ContractMerge
{
    private const string Mode = "compatibility";

    /// <summary>Compares the contract file with the contract of the build.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="before">The file's text; empty when the file does not exist.</param>
    /// <param name="built">The contract of the build.</param>
    /// <exception cref="CliException">The file is not a contract.</exception>
    public ContractMerge(string file, string before, string built)
    {
        Text = built;
        if (string.IsNullOrWhiteSpace(before))
            return;
        var (stored, current) = (Parse(file, before), Parse("the build", built));
        if (ModeOf(stored) is { } mode && ModeOf(current) is { } builtMode)
            Text = built.Replace(
                $"\"{Mode}\": \"{builtMode}\"",
                $"\"{Mode}\": {JsonSerializer.Serialize(mode)}",
                StringComparison.Ordinal);
        var builtShapes = Shapes(current).ToHashSet();
        Dropped =
        [
            .. Shapes(stored)
                .Where(shape => !builtShapes.Contains(shape))
                .Select(shape => $"'{shape.Name}' version {shape.Version}"),
        ];
    }

    /// <summary>Gets the new content of the file: the events of the build, with the mode of the file.</summary>
    public string Text { get; }

    /// <summary>Gets the event versions that are in the file and not in the build.</summary>
    public IReadOnlyList<string> Dropped { get; } = [];

    private static string? ModeOf(JsonObject contract) =>
        contract[Mode] is JsonValue value && value.TryGetValue<string>(out var mode) ? mode : null;

    private static IEnumerable<(string Name, string Version)> Shapes(JsonObject contract) =>
        from found in contract["events"] as JsonObject ?? []
        from version in found.Value as JsonObject ?? []
        select (found.Key, version.Key);

    /// <exception cref="CliException">The text is not a JSON object.</exception>
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
                $"{file} is not a contract file: {exception.Message}",
                "Correct it, or restore it from version control.");
        }
        throw new CliException(
            ExitCode.Failed, $"{file} is not a contract file: it is not a JSON object.",
            "Restore it from version control.");
    }
}
