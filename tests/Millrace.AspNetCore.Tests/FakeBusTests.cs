namespace Millrace.AspNetCore.Tests;

/// <summary>
/// Tests that a fake bus can replace the command bus and the query bus. This assembly uses only the public API, so an
/// application can write the same fakes.
/// </summary>
public sealed class FakeBusTests
{
    [Fact]
    public async Task A_fake_command_bus_implements_one_method()
    {
        var bus = new FakeCommandBus();
        var options = new SendOptions { IdempotencyKey = "k" };

        var result = await ((ICommandBus)bus).Send(new Rename("a"));
        await ((ICommandBus)bus).Send(new Rename("b"), options);

        Assert.Equal(7, result.Version);
        Assert.Equal([(new Rename("a"), null), (new Rename("b"), options)], bus.Sent);
    }

    [Fact]
    public async Task A_fake_query_bus_implements_one_method()
    {
        var bus = new FakeQueryBus();
        var options = new AskOptions { Wait = TimeSpan.Zero };

        var result = await ((IQueryBus)bus).Ask(new GetName(1));
        await ((IQueryBus)bus).Ask(new GetName(2), options);

        Assert.Equal(Freshness.Fresh, result.Freshness);
        Assert.Equal([(new GetName(1), null), (new GetName(2), options)], bus.Asked);
    }

#pragma warning disable MILL0056 // The fakes handle them.
    private sealed record Rename(string Name) : ICommand;

    private sealed record GetName(int Number) : IQuery<string>;
#pragma warning restore MILL0056

    private sealed class FakeCommandBus : ICommandBus
    {
        public List<(object Command, SendOptions? Options)> Sent { get; } = [];

        public ValueTask<CommandResult<TResult>> Send<TResult>(
            ICommand<TResult> command, SendOptions? options, CancellationToken cancellationToken = default)
        {
            Sent.Add((command, options));
            return new(new CommandResult<TResult>(default!, 7, default, WasRepeated: false));
        }
    }

    private sealed class FakeQueryBus : IQueryBus
    {
        public List<(object Query, AskOptions? Options)> Asked { get; } = [];

        public ValueTask<QueryResult<TResult>> Ask<TResult>(
            IQuery<TResult> query, AskOptions? options, CancellationToken cancellationToken = default)
        {
            Asked.Add((query, options));
            return new(new QueryResult<TResult>(default!, Freshness.Fresh));
        }
    }
}
