namespace Millrace.Cli.Tests;

/// <summary>Tests that the doctor reports held instances.</summary>
public sealed class HeldInstanceDoctorCheckTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_held_process_and_timer_are_reported_with_advice()
    {
        await using var shop = new FailingShop(_tool.Store);
        await shop.Start();

        var run = await _tool.Run("doctor", "--json");
        var found = run.Json.GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("severity").ValueEquals("warning"))
            .ToLookup(
                finding => finding.GetProperty("check").GetString(),
                finding => finding.GetProperty("what").GetString());

        var process = Assert.Single(found["processes"]);
        Assert.StartsWith(
            "1 instance of 'fulfilment' held, last '7' since ", process, StringComparison.Ordinal);
        Assert.EndsWith(
            "'ship' failed: TimeoutException: The carrier does not answer.", process, StringComparison.Ordinal);
        var timer = Assert.Single(found["timers"]);
        Assert.StartsWith(
            "1 timer held, among them 'remind-7': NotSupportedException", timer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_processes_and_timers_the_doctor_reports_neither()
    {
        await _tool.Append("order-1", "order.placed", "{}");

        var run = await _tool.RunOk("doctor", "--json");

        Assert.DoesNotContain(
            run.Json.GetProperty("findings").EnumerateArray(),
            finding => finding.GetProperty("check").GetString() is "processes" or "timers");
    }
}
