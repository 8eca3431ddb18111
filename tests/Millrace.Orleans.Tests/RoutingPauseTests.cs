using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Orleans.Activations;
using Millrace.Orleans.Calls;

namespace Millrace.Orleans.Tests;

/// <summary>Tests of the time in which a node handles all commands itself.</summary>
public sealed class RoutingPauseTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void After_a_timeout_routing_continues_if_the_activation_answers(bool isReached, bool isPaused)
    {
        using var pause = new RoutingPause(TimeProvider.System, NullLogger.Instance);

        pause.Begin(new Activation(isReached), new TimeoutException());

        Assert.Equal(isPaused, pause.IsPaused);
    }

    [Fact]
    public void A_command_that_fails_while_the_node_stops_begins_no_pause()
    {
        var pause = new RoutingPause(TimeProvider.System, NullLogger.Instance);
        pause.Dispose();

        pause.Begin(new Activation(IsReached: false), new InvalidOperationException());

        Assert.False(pause.IsPaused);
    }

    private sealed record Activation(bool IsReached) : IAggregateGrain
    {
        public Task<byte[]> Handle(byte[] command, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task Ping() => IsReached ? Task.CompletedTask : Task.FromException(new InvalidOperationException());
    }
}
