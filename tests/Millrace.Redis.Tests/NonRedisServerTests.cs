namespace Millrace.Redis.Tests;

/// <summary>Whatever stands where Redis should be, what is asked for ends with a typed error, and soon.</summary>
public sealed class NonRedisServerTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60); // Other tests and builds share the processor.

    [Fact]
    public async Task Odd_answers_end_in_a_typed_error()
    {
        const int Rounds = 60;
        string[] heads =
        [
            "+PONG\r\n",
            "+PONG\r\n:7\r\n",
            ":1\r\n",
            "*1\r\n*2\r\n$1\r\na\r\n*1\r\n",
            "-ERR no\r\n",
            "$-1\r\n",
            "*-1\r\n",
            "",
        ];
        // Nearly all of a round is waiting for answers that do not come: some of them wait at once.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Rounds),
            new ParallelOptions { MaxDegreeOfParallelism = 10 },
            async (round, _) =>
            {
                var random = new Random(round);
                var noise = new byte[random.Next(40)];
                random.NextBytes(noise);
                var head = System.Text.Encoding.UTF8.GetBytes(heads[round % heads.Length]);
                // In every other round connections are made first.
                byte[] Answer(int piece, string commands) => NonRedisServer.Greeting(commands) ?? [.. head, .. noise];
                await using var server = new NonRedisServer(round % 2 == 0 ? Answer : (_, _) => [.. head, .. noise]);
                await using var transport = Transport(server.Address, TimeSpan.FromMilliseconds(100));

                await AssertTypedError(() => transport.Check(CancellationToken.None).AsTask());
                await AssertTypedError(() =>
                    transport
                        .Declare(
                            new TransportTopology(["orders"], [new Subscription("all", "orders")]),
                            CancellationToken.None)
                        .AsTask());
                await AssertTypedError(() =>
                    transport.Publish([new("orders", Message)], CancellationToken.None).AsTask());
                await AssertTypedError(() => TakeOne(transport));
            }
        );
    }

    [Fact]
    public async Task A_server_that_is_silent_is_given_up_in_time()
    {
        await using var server = new NonRedisServer((_, _) => []);
        await using var transport = Transport(server.Address, TimeSpan.FromMilliseconds(200));

        var away = await Assert.ThrowsAsync<TransportUnavailableException>(
            () => transport.Check(CancellationToken.None).AsTask().WaitAsync(Long));

        Assert.Matches("(did|does) not answer", away.Message); // The client or its connection notices it first.
    }

    [Fact]
    public async Task A_server_that_falls_silent_in_the_midst_leaves_what_it_has_not_confirmed_open()
    {
        await using var server = new NonRedisServer(
            (_, commands) => NonRedisServer.Greeting(commands) ?? "$3\r\n1-1\r\n"u8.ToArray());
        var outcomes = await PublishThree(server.Address);

        Assert.Equal(
            [PublishResult.Confirmed, PublishResult.Unconfirmed, PublishResult.Unconfirmed],
            outcomes.Select(one => one.Result));
        Assert.Contains("did not answer in time", outcomes[1].Problem, StringComparison.Ordinal);
    }

    /// <summary>With ever more time, until what the server does answer comes within it.</summary>
    private static async Task<IReadOnlyList<PublishOutcome>> PublishThree(string address)
    {
        for (var time = TimeSpan.FromMilliseconds(300); ; time *= 2)
        {
            await using var transport = Transport(address, time);
            try
            {
                OutgoingMessage[] three = [new("orders", Message), new("orders", Message), new("orders", Message)];
                var outcomes = await transport.Publish(three, CancellationToken.None).AsTask().WaitAsync(Long);
                if (outcomes[0].IsConfirmed || time > Long)
                    return outcomes;
            }
            catch (TransportUnavailableException) when (time < Long)
            {
                // Not even the connection was made in time.
            }
        }
    }

    private static Message Message => new() { Id = "1", Type = "order.placed", Body = "{}"u8.ToArray() };

    private static RedisTransport Transport(string address, TimeSpan answerTimeout) => new(
        new RedisOptions { Address = address, AnswerTimeout = answerTimeout, TakeOverAfter = TimeSpan.FromSeconds(1) },
        TimeProvider.System);

    private static async Task TakeOne(RedisTransport transport)
    {
        await using var receiver = await transport.Receive(new Subscription("all", "orders"), CancellationToken.None);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await receiver.Take(1, limit.Token);
    }

    private static async Task AssertTypedError(Func<Task> act)
    {
        try
        {
            await act().WaitAsync(Long);
        }
        catch (Exception expected) when (
            expected is TransportUnavailableException or TransportRefusedException or OperationCanceledException)
        {
            // One of the errors that callers know; or nothing came, and the caller gave up.
        }
    }
}
