using System.Text.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests the command that starts a new epoch of the log.</summary>
public sealed class LogEpochTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task An_epoch_starts_after_the_last_event_and_records_user_and_reason()
    {
        await _tool.Append("order-1", "order.noted", "{}");

        var started = await _tool.RunOk(
            "begin-log-epoch", "--reason", "restored from Monday", "--by", "ada", "--yes", "--json");

        Assert.Equal(
            (2, 1, 2),
            (Number(started, "logEpoch"), Number(started, "position"), Number(started, "recordedAt")));
        Assert.Equal(2, Number(await _tool.RunOk("info", "--json"), "logEpoch"));
        var record = JsonDocument.Parse((await _tool.RunOk("read", "$log-epochs", "--json")).Output).RootElement;
        Assert.Contains("\"by\":\"ada\"", $"{record}", StringComparison.Ordinal);
        Assert.Contains("restored from Monday", $"{record}", StringComparison.Ordinal);
        await _tool.RunOk("verify");
    }

    [Theory]
    [InlineData("begin-log-epoch", "--yes")]
    [InlineData("begin-log-epoch", "--reason", " ", "--yes")]
    [InlineData("begin-log-epoch", "--reason", "restored")]
    [InlineData("begin-log-epoch", "--reason", "restored", "--json")]
    public async Task Without_a_reason_or_a_confirmation_nothing_is_changed(params string[] call)
    {
        await _tool.Append("order-1", "order.noted", "{}");

        var refused = await _tool.Run(call);

        Assert.Equal(2, refused.ExitCode);
        Assert.Equal(1, Number(await _tool.RunOk("info", "--json"), "logEpoch"));
        Assert.Equal(1, Number(await _tool.RunOk("info", "--json"), "position"));
    }

    [Fact]
    public async Task A_tenant_of_a_shared_store_cannot_start_an_epoch()
    {
        await _tool.Append("order-1", "order.noted", "{}");
        await _tool.RunOk("tenants", "create", "acme");

        var refused = await _tool.Run("begin-log-epoch", "--reason", "restored", "--yes", "--tenant", "acme");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Equal(1, Number(await _tool.RunOk("info", "--json"), "logEpoch"));
    }

    private static long Number(ToolRun run, string member) => run.Json.GetProperty(member).GetInt64();
}
