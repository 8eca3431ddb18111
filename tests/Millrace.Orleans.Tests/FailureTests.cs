namespace Millrace.Orleans.Tests;

/// <summary>Tests of commands that another node refuses.</summary>
[Collection(nameof(Cluster))]
public sealed class FailureTests(Cluster cluster)
{
    [PostgreSqlFact]
    public async Task A_refusal_of_the_domain_is_thrown_with_its_properties()
    {
        var account = await cluster.AccountElsewhere("refused");

        var refusal = await Assert.ThrowsAsync<InvariantViolatedException>(
            () => cluster.Send(new Deposit(account, 2_000, "much")));

        Assert.Equal((nameof(Account), "max-deposit"), (refusal.Aggregate, refusal.Invariant));
    }

    [PostgreSqlFact]
    public async Task An_exception_of_the_application_is_thrown_as_its_own_type()
    {
        var account = await cluster.AccountElsewhere("overdrawn");

        var refusal = await Assert.ThrowsAsync<OverdrawnException>(() => cluster.Send(new Withdraw(account, 15)));

        Assert.Equal(5, refusal.Missing);
    }

    [PostgreSqlFact]
    public async Task An_invalid_command_is_refused_with_all_problems()
    {
        var account = await cluster.AccountElsewhere("invalid");

        var refusal = await Assert.ThrowsAsync<ValidationFailedException>(
            () => cluster.Send(new Deposit(account, 0, "nothing")));

        Assert.Equal([new ValidationProblem("amount", "must be positive")], refusal.Problems);
    }

    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_user_without_the_permission_is_denied_on_the_other_node(bool isSignedIn)
    {
        var account = await cluster.AccountElsewhere($"denied-{isSignedIn}");
        var user = isSignedIn ? Cluster.UserOf("mallory", "visitor") : new System.Security.Claims.ClaimsPrincipal();

        var denied = await Assert.ThrowsAsync<AccessDeniedException>(
            () => cluster.Send(new Deposit(account, 1, "denied"), options: new SendOptions { User = user }));

        Assert.Equal(("send deposit", isSignedIn), (denied.Permission, denied.IsAuthenticated));
        Assert.Equal(["first"], await cluster.DepositsOf(account));
    }

    [PostgreSqlFact]
    public async Task A_missing_account_is_not_found()
    {
        var missing = new AccountId("missing");

        var refusal = await Assert.ThrowsAsync<AggregateNotFoundException>(
            () => cluster.Send(new Withdraw(missing, 1)));

        Assert.Equal(StreamId.For("account", missing), refusal.Stream);
    }

    [PostgreSqlFact]
    public async Task A_cancellation_reaches_the_other_node()
    {
        var account = await cluster.AccountElsewhere("cancelled");
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => cluster.Send(new Wait(account), end: cancellation.Token));

        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        // The other node has released the account: it would otherwise wait for a second.
        Assert.Equal("second", (await cluster.Send(new Deposit(account, 1, "next"))).Value.Node);
    }
}
