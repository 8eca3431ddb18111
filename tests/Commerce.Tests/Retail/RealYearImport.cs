using System.Text.Json.Nodes;

namespace Commerce.Tests.Retail;

/// <summary>The summary of the whole real file, imported by one program into its own store once for all
/// tests.</summary>
internal static class RealYearImport
{
    private static readonly Lazy<Task<string>> OnAFile = new(() => Task.Run(TakeOver));

    /// <summary>Returns the summary; each caller gets its own copy.</summary>
    public static async Task<JsonNode> Summary() => JsonNode.Parse(await OnAFile.Value)!; // It is an object.

    private static async Task<string> TakeOver()
    {
        using var data = new TemporaryDirectory();
        return (await ShopProcess.Summary(RealYearFactAttribute.File, data.Path)).ToJsonString();
    }
}
