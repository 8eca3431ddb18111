using System.Text.Json.Nodes;

namespace Commerce.Tests.Retail;

/// <summary>
/// Imports the complete real file once for all tests, with one program into its own store, and returns the summary.
/// </summary>
internal static class RealYearImport
{
    private static readonly Lazy<Task<string>> Imported = new(() => Task.Run(Import));

    /// <summary>Returns a copy of the summary.</summary>
    public static async Task<JsonNode> Summary() =>
        JsonNode.Parse(await Imported.Value)!; // The program prints a JSON object.

    private static async Task<string> Import()
    {
        using var data = new TemporaryDirectory();
        return (await ShopProcess.Summary(RealYearFactAttribute.File, data.Path)).ToJsonString();
    }
}
