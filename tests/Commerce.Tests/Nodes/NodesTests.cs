using System.Diagnostics;
using System.Text.Json.Nodes;
using Commerce.Tests.Retail;
using Servers;

namespace Commerce.Tests.Nodes;

/// <summary>Tests the program on PostgreSQL as one process and as several processes.</summary>
public sealed class NodesTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);
    private static readonly string SmallFile = Path.Combine(AppContext.BaseDirectory, "Data", "small-retail.csv");

    private readonly TemporaryDirectory _data = new();
    private Process? _shop;

    public void Dispose()
    {
        if (_shop is { HasExited: false })
            _shop.Kill();
        _shop?.Dispose();
        _data.Dispose();
    }

    [PostgreSqlFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Two minutes.
    public async Task Three_nodes_on_a_database_report_the_same_numbers_as_one_node_on_a_file()
    {
        var file = await ShopProcess.Summary(SmallFile, _data.Path);
        var nodes = await ShopProcess.Summary(SmallFile, _data.Path, "--postgres", "--nodes", "3");
        var rerun = await ShopProcess.Summary(SmallFile, _data.Path, "--postgres");

        Assert.Equal(WithoutSeconds(file), WithoutSeconds(nodes));
        Assert.Equal(WithoutSeconds(file), WithoutSeconds(rerun));
    }

    [RealYearNodesFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task Three_nodes_on_a_database_report_the_same_numbers_for_the_real_year_as_one_node_on_a_file()
    {
        var file = await RealYearImport.Summary();
        var nodes = await ShopProcess.Summary(RealYearFactAttribute.File, _data.Path, "--postgres", "--nodes", "3");

        Assert.Equal(WithoutSeconds(file), WithoutSeconds(nodes));
    }

    [PostgreSqlFact]
    public async Task Every_node_answers_a_crash_affects_no_other_and_all_stop_together()
    {
        await using var server = await PostgreSqlServer.Start();
        var database = await server.CreateDatabase();
        var shop = _shop = Start(
            "--postgres",
            $"postgres://owner@127.0.0.1:{server.Port}/{database}",
            "--nodes",
            "3",
            "--port",
            "0",
            "--no-simulation");
        using var http = new HttpClient();
        string[] addresses = [await Address(shop), await Address(shop), await Address(shop)];
        foreach (var address in addresses)
            (await http.GetAsync(address)).EnsureSuccessStatusCode();

        using (var node = Process.GetProcessById(AdditionalNode(shop)))
            node.Kill();

        string? line; // On a busy machine, the program may print warnings first.
        do
            line = await shop.StandardError.ReadLineAsync().WaitAsync(WaitTimeout);
        while (line?.StartsWith("Node ", StringComparison.Ordinal) == false);
        Assert.NotNull(line);
        (await http.GetAsync(addresses[0])).EnsureSuccessStatusCode();
        shop.StandardInput.Close();
        using var kill = Process.Start("kill", ["-INT", $"{shop.Id}"]);
        await shop.WaitForExitAsync().WaitAsync(WaitTimeout);
        Assert.Equal(0, shop.ExitCode);
        foreach (var address in addresses)
            await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(address));
    }

    [Theory]
    [InlineData("postgres://nobody@127.0.0.1:1/nowhere", "127.0.0.1")]
    [InlineData("postgres://", "must name a host")]
    public async Task A_missing_database_is_reported_without_a_stack_trace(string database, string named)
    {
        using var shop = ShopProcess.Start("--postgres", database, "--port", "0");

        var (code, output, error) = await shop.End();

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(ShopApplication).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("dotnet did not start.");

    /// <summary>Returns the next address that the program prints.</summary>
    private static async Task<string> Address(Process shop) =>
        (await shop.StandardOutput.ReadLineAsync().WaitAsync(WaitTimeout))?.Split(' ')[^1]
        ?? throw new InvalidOperationException(await shop.StandardError.ReadToEndAsync());

    /// <summary>Returns the id of the process of an additional node.</summary>
    private static int AdditionalNode(Process shop) => Directory.GetDirectories($"/proc/{shop.Id}/task")
        .SelectMany(ChildrenOf)
        .Select(int.Parse)
        .First(IsNode);

    private static string[] ChildrenOf(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return []; // The thread has just exited, and its children have another parent.
        }
    }

    /// <summary>Returns whether a child process is a node. The payment service is also a child process.</summary>
    private static bool IsNode(int process) =>
        File.ReadAllText($"/proc/{process}/cmdline").Contains("--node-of-another", StringComparison.Ordinal);

    private static string WithoutSeconds(JsonNode summary)
    {
        var copy = summary.DeepClone().AsObject();
        copy.Remove("seconds");
        return copy.ToJsonString();
    }
}
