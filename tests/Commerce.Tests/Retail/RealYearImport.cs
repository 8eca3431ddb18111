using System.Text.Json.Nodes;

namespace Commerce.Tests.Retail;

/// <summary>The whole real file as one program on a file of its own tells of it: taken over once for all tests that
/// look at that.</summary>
internal static class RealYearImport
{
    private static readonly Lazy<Task<string>> OnAFile = new(() => Task.Run(TakeOver));

    /// <summary>What it tells; each caller's own, to be read as it likes.</summary>
    public static async Task<JsonNode> Summary() => JsonNode.Parse(await OnAFile.Value)!; // It is an object.

    private static async Task<string> TakeOver()
    {
        using var data = new TemporaryDirectory();
        return (await ShopProcess.Summary(RealYearFactAttribute.File, data.Path)).ToJsonString();
    }
}
