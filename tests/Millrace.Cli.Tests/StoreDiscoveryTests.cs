namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool finds the store when none is specified, and prints its name.</summary>
public sealed class StoreDiscoveryTests : IDisposable
{
    // The tool runs in a terminal, which combines both outputs.
    private readonly Tool _tool = new() { Wrapper = ["bash", "-c", """exec script -qec "$(printf '%q ' "$@")" /dev/null""", "terminal"] };

    public void Dispose() => _tool.Dispose();

    [ShellFact("script")]
    public async Task The_found_store_is_printed_when_none_is_given()
    {
        await _tool.Append("order-1", "order.placed", "{}");

        string[] append = ["append", "order-2", "--type", "order.placed", "--data", "{}"];
        foreach (var command in (string[][])[["consumers"], ["stats"], ["verify"], append])
            Assert.Contains("Store: shop.db", (await _tool.RunOk(command)).Output, StringComparison.Ordinal);
    }

    [ShellFact("script")]
    public async Task The_store_is_not_printed_when_it_is_specified_or_the_output_is_JSON()
    {
        await _tool.Append("order-1", "order.placed", "{}");

        foreach (var command in (string[][])[["consumers", "--store", "shop.db"], ["consumers", "--json"]])
            Assert.DoesNotContain("Store:", (await _tool.RunOk(command)).Output, StringComparison.Ordinal);
    }
}
