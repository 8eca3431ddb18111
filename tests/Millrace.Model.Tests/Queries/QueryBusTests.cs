namespace Millrace.Model.Tests.Queries;

public sealed class QueryBusTests
{
    private sealed record Ask(int First, int Second) : IQuery<(ConsistencyToken After, TimeSpan Wait)>;

    private sealed record UnhandledQuery : IQuery<int>;

    [Fact]
    public async Task A_query_is_answered_by_its_handler()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 5);

        var result = await host.Queries.Ask(new GetBalance(account));

        Assert.Equal(new QueryResult<Balance>(new Balance(5), Freshness.Fresh), result);
    }

    [Fact]
    public async Task The_handler_receives_the_consistency_token_and_the_wait_of_the_caller()
    {
        await using var host = await StartHostWithAskQuery();
        await host.Open();
        var token = await host.Store.GetToken();

        var plain = await host.Queries.Ask(new Ask(0, 0));
        var after = await host.Queries.Ask(
            new Ask(0, 0), new AskOptions { After = token, Wait = TimeSpan.FromSeconds(1) });

        Assert.Equal((default, AskOptions.DefaultWait), plain.Value);
        Assert.Equal((token, TimeSpan.FromSeconds(1)), after.Value);
    }

    [Theory]
    [InlineData(0, 0, "fresh")]
    [InlineData(3, 0, "stale; by=3")]
    [InlineData(2, 7, "stale; by=7")]
    public async Task An_answer_is_as_stale_as_its_stalest_part(int first, int second, string expected)
    {
        await using var host = await StartHostWithAskQuery();

        var result = await host.Queries.Ask(new Ask(first, second));

        Assert.Equal(expected, result.Freshness.ToString());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(301)]
    public async Task A_wait_outside_the_allowed_range_is_refused(int seconds)
    {
        await using var host = await StartHostWithAskQuery();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await host.Queries.Ask(new Ask(0, 0), new AskOptions { Wait = TimeSpan.FromSeconds(seconds) }));
    }

    [Fact]
    public async Task A_query_without_a_handler_is_refused_with_advice()
    {
        await using var host = await BankHost.Start();

        await Assert.ThrowsAsync<HandlerNotFoundException>(async () => await host.Queries.Ask(new UnhandledQuery()));
    }

    [Fact]
    public async Task A_query_and_a_command_can_be_sent_by_name()
    {
        await using var host = await BankHost.Start();
        var account = await host.Open(balance: 5);
        var model = (ModelCatalog)host.Services.GetService(typeof(ModelCatalog))!;

        var answer = await model
            .FindQuery("get-balance")!
            .Ask(host.Queries, new GetBalance(account), null, CancellationToken.None);
        var sent = await model
            .FindCommand("deposit")!
            .Send(host.Commands, new Deposit(account, 1), null, CancellationToken.None);

        Assert.Equal(new Balance(5), answer.Value);
        Assert.Equal(new Balance(6), sent.Value);
        Assert.Null(model.FindCommand("nonsense"));
    }

    private static Task<BankHost> StartHostWithAskQuery() => BankHost.Start(millrace => millrace.AddModel(model =>
        model.Query(new QueryDefinition<Ask, (ConsistencyToken After, TimeSpan Wait)>("ask", (query, context, _) =>
        {
            context.RecordFreshness(new Freshness(query.First));
            context.RecordFreshness(new Freshness(query.Second));
            return new((context.After, context.Wait));
        }))));
}
