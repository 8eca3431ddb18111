namespace Millrace.Redis.Tests;

/// <summary>Tests that calls to a server that is not Redis soon fail with a typed exception.</summary>
public sealed class NonRedisServerTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60); // Long, because tests share the processor.

    [Fact]
    public async Task Unexpected_answers_cause_a_typed_exception()
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
        // A round mostly waits for missing answers, so several rounds run at the same time.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Rounds),
            new ParallelOptions { MaxDegreeOfParallelism = 10 },
            async (round, _) =>
            {
                var random = new Random(round);
                var tail = new byte[random.Next(40)];
                random.NextBytes(tail);
                var head = System.Text.Encoding.UTF8.GetBytes(heads[round % heads.Length]);
                // Every second round first opens connections successfully.
                byte[] Answer(int piece, string commands) => NonRedisServer.Greeting(commands) ?? [.. head, .. tail];
                await using var server = new NonRedisServer(round % 2 == 0 ? Answer : (_, _) => [.. head, .. tail]);
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
    public async Task A_server_that_never_answers_is_unavailable_after_the_timeout()
    {
        await using var server = new NonRedisServer((_, _) => []);
        await using var transport = Transport(server.Address, TimeSpan.FromMilliseconds(200));

        var unavailable = await Assert.ThrowsAsync<TransportUnavailableException>(
            () => transport.Check(CancellationToken.None).AsTask().WaitAsync(WaitTimeout));

        Assert.Matches("(did|does) not answer", unavailable.Message); // Either message is possible.
    }

    [Fact]
    public async Task Messages_without_an_answer_are_unconfirmed()
    {
        var outcomes = await PublishThree();

        Assert.Equal(
            [PublishResult.Confirmed, PublishResult.Unconfirmed, PublishResult.Unconfirmed],
            outcomes.Select(outcome => outcome.Result));
        Assert.Contains("did not answer in time", outcomes[1].Problem, StringComparison.Ordinal);
    }

    /// <summary>
    /// Publishes three messages, of which one is answered, with increasing timeouts until the answer arrives in time.
    /// </summary>
    private static async Task<IReadOnlyList<PublishOutcome>> PublishThree()
    {
        for (var timeout = TimeSpan.FromMilliseconds(300); ; timeout *= 2)
        {
            await using var server = AnswersOneMessage();
            await using var transport = Transport(server.Address, timeout);
            try
            {
                OutgoingMessage[] messages = [new("orders", Message), new("orders", Message), new("orders", Message)];
                var outcomes = await transport
                    .Publish(messages, CancellationToken.None)
                    .AsTask()
                    .WaitAsync(WaitTimeout);
                if (outcomes[0].IsConfirmed || timeout > WaitTimeout)
                    return outcomes;
            }
            catch (TransportUnavailableException) when (timeout < WaitTimeout)
            {
                // The connection was not opened in time.
            }
        }
    }

    /// <summary>Returns a server that answers the first of the messages, in however many pieces they arrive.</summary>
    private static NonRedisServer AnswersOneMessage()
    {
        var answers = 0;
        return new NonRedisServer((_, commands) =>
            NonRedisServer.Greeting(commands)
                ?? (Interlocked.Increment(ref answers) == 1 ? "$3\r\n1-1\r\n"u8.ToArray() : []));
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

    private static async Task AssertTypedError(Func<Task> action)
    {
        try
        {
            await action().WaitAsync(WaitTimeout);
        }
        catch (Exception expected) when (
            expected is TransportUnavailableException or TransportRefusedException or OperationCanceledException)
        {
            // A documented exception, or the cancellation of a call that received no answer.
        }
    }
}
