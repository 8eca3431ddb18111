namespace Millrace.Tests.Processes;

/// <summary>Tests that each rule of the simulation detects its violation.</summary>
public sealed class TradeRulesTests
{
    private const string Paid = "step-begun reserve, step-done reserve, step-begun pay, step-done pay";

    [Theory]
    [InlineData(Paid + ", compensating, compensation-begun pay, compensation-done pay", "reserve pay refund")]
    [InlineData(Paid + ", passed-no-return, held, resumed, completed", "reserve pay")]
    [InlineData(Paid + ", moved ship, step-begun ship, step-done ship", "reserve pay ship")]
    public void A_correct_history_passes(string story, string work) => Assert.Empty(Problems(story, work));

    [Theory]
    [InlineData(Paid, "reserve pay pay", "'pay' was done 2 times")]
    [InlineData(Paid, "reserve", "'pay' was done 0 times")]
    [InlineData("step-done pay", "pay", "was not started")]
    [InlineData(Paid + ", step-begun ship, step-begun ship", "reserve pay", "started twice")]
    [InlineData(
        Paid + ", compensating, compensation-begun reserve, compensation-begun pay",
        "reserve pay",
        "not undone in reverse")]
    [InlineData(Paid + ", compensation-begun pay", "reserve pay", "goes forward")]
    [InlineData(Paid + ", passed-no-return, compensating", "reserve pay", "after the point of no return")]
    [InlineData(Paid + ", compensating, compensated", "reserve pay", "reserve, pay stands")]
    [InlineData(Paid + ", compensating, step-begun ship", "reserve pay", "while the trade is undone")]
    [InlineData(Paid + ", step-begun ship, completed", "reserve pay", "is open")]
    [InlineData(Paid + ", completed, step-begun ship", "reserve pay", "after the end")]
    public void A_violation_is_found(string story, string work, string problem) =>
        Assert.Contains(Problems(story, work), found => found.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void A_held_trade_needs_a_reason_and_an_external_request_needs_its_id()
    {
        var held = new ProcessEntry(1, "held", null, " ", null, null, default);
        var problems = TradeRules.Problems(
            Story(Paid),
            ["reserve", "pay"],
            [("pay", Guid.NewGuid()), ("pay", Guid.NewGuid())]);

        Assert.Contains(
            "without a reason", Assert.Single(TradeRules.Problems([held], [], [])), StringComparison.Ordinal);
        Assert.Contains("with 2 ids", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Problems(string story, string work) =>
        TradeRules.Problems(Story(story), work.Split(' '), []);

    private static List<ProcessEntry> Story(string story) =>
        [.. story.Split(", ").Select((entry, i) => entry.Split(' ') is var parts
            ? new ProcessEntry(i + 1, parts[0], parts.Length > 1 ? parts[1] : null, "why", null, null, default)
            : null!)];
}
