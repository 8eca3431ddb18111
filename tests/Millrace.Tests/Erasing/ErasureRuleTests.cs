namespace Millrace.Tests.Erasing;

/// <summary>Tests the rules of applications, which are asked before an erasure starts.</summary>
public sealed class ErasureRuleTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        await _sample.GivenEvents();
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public async Task A_rule_refuses_the_start_with_its_reason_and_no_key_is_destroyed()
    {
        _sample.Rules.Add(new Rule(_ => "An order is open."));

        var refused = await _sample.Erase();

        Assert.Equal((ErasureState.Refused, "An order is open."), (refused.State, refused.Refusal));
        Assert.DoesNotContain(refused.Steps, step => step.Name == "started");
        Assert.Contains(
            ErasureSample.Email, Assert.Single(await _sample.Payloads(ErasureSample.Ada)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_rules_are_asked_and_allow_the_erasure()
    {
        var asked = new List<string>();
        _sample.Rules.Add(new Rule(request => Note(asked, $"first {request.Subject}")));
        _sample.Rules.Add(new Rule(request => Note(asked, $"second {request.Subject}")));

        var erased = await _sample.Erase();

        Assert.Equal(ErasureState.Confirmed, erased.State);
        Assert.Equal(["first customer-1", "second customer-1"], asked);
    }

    [Fact]
    public async Task A_rule_is_not_asked_while_there_is_a_legal_hold()
    {
        var asked = new List<string>();
        _sample.Rules.Add(new Rule(request => Note(asked, request.Subject)));
        await _sample.Erasures.Request(ErasureSample.RequestOf());
        await _sample.Erasures.Approve("e1", "lawyer");
        await _sample.Erasures.Hold(ErasureSample.Ada, "a lawsuit", "lawyer");

        var refused = await _sample.Erasures.CarryOut("e1");

        Assert.Equal(ErasureState.Refused, refused.State);
        Assert.Empty(asked);
    }

    [Fact]
    public async Task After_a_failure_of_a_rule_the_erasure_is_continued_and_the_rule_is_asked_again()
    {
        var failures = 1;
        _sample.Rules.Add(new Rule(_ => failures-- > 0 ? throw new TimeoutException("No answer.") : null));
        await Assert.ThrowsAsync<TimeoutException>(() => _sample.Erase());
        Assert.Equal(ErasureState.Approved, (await _sample.Erasures.Find("e1"))!.State);

        var erased = await _sample.Erasures.CarryOut("e1");

        Assert.Equal(ErasureState.Confirmed, erased.State);
    }

    private static string? Note(List<string> asked, string text)
    {
        asked.Add(text);
        return null;
    }

    private sealed class Rule(Func<ErasureRequest, string?> find) : IErasureRule
    {
        public ValueTask<string?> Prepare(ErasureRequest request, CancellationToken cancellationToken) =>
            ValueTask.FromResult(find(request));
    }
}
