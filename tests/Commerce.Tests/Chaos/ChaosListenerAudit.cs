using Commerce.Chaos;

namespace Commerce.Tests.Chaos;

/// <summary>Checks the messages in the log of the listener by broker, by stream of the shop and in order.</summary>
internal static class ChaosListenerAudit
{
    // The timeout is long, because the machine may be busy.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    /// <summary>
    /// Checks that the listener recorded each published event once over each broker, in the order of the stream, and
    /// that the inbox contains the same messages.
    /// </summary>
    public static async Task CheckReceivedEvents(ChaosStore listener, ChaosLogTotals totals)
    {
        var published = Lines(totals.Published);
        Assert.NotEmpty(published);
        foreach (var broker in Listener.Brokers)
        {
            await Equal(published, async () => await Read(listener, broker), broker);
            await Equal(
                [.. totals.Published.Values.SelectMany(ids => ids).Order(StringComparer.Ordinal)],
                () => ChaosInbox.Read(listener, $"gazette-{broker}"),
                $"{broker} (according to the inbox)");
        }
        await Eventually.Get( // The listener may still retry a duplicate.
            async () =>
            {
                await ChaosPause.For(TimeSpan.FromSeconds(1));
                var letters = (await ChaosLog.Read<Gazette>(listener)).DeadLetters;
                return string.Join('\n', letters.Select(letter => $"{letter.Consumer}: {letter.Message}"));
            },
            letters => letters.Length == 0, WaitTimeout);
    }

    /// <summary>Waits until the received events equal the published events.</summary>
    internal static async Task Equal(
        IReadOnlyList<string> published, Func<Task<IReadOnlyList<string>>> read, string source)
    {
        IReadOnlyList<string> received = [];
        try
        {
            await Eventually.Get(
                async () =>
                {
                    await ChaosPause.For(TimeSpan.FromSeconds(1));
                    return received = await read();
                },
                all => all.SequenceEqual(published), WaitTimeout);
        }
        catch (TimeoutException)
        {
            var (missing, wrong) = (
                string.Join('\n', published.Except(received)), string.Join('\n', received.Except(published)));
            Assert.Fail(
                $"The events received over {source} differ from the published events.\n"
                    + $"Published but not received:\n{missing}\nReceived but not published:\n{wrong}"
            );
        }
    }

    /// <summary>Returns a line for each stream with the ids of its recorded messages.</summary>
    private static async Task<IReadOnlyList<string>> Read(ChaosStore listener, string broker)
    {
        var log = await ChaosLog.Read<Gazette>(listener);
        var received = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var prefix = Listener.NotesOf(broker, null).Value;
        foreach (var recorded in log.Events)
        {
            if (!recorded.Stream.Value.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            var stream = recorded.Stream.Value[prefix.Length..];
            if (!received.TryGetValue(stream, out var messages))
                received[stream] = messages = [];
            messages.Add(((OrderNoted)recorded.Data).Message);
        }
        return Lines(received);
    }

    /// <summary>Returns the lines of the published events in the same format.</summary>
    private static IReadOnlyList<string> Lines(Dictionary<string, List<string>> messages) =>
        [.. messages.Select(stream => $"{stream.Key}: {string.Join(' ', stream.Value)}").Order(StringComparer.Ordinal)];
}
