using Commerce.Chaos;

namespace Commerce.Tests.Chaos;

/// <summary>Checks the log of the listener: its notes by broker and stream of the shop, in order.</summary>
internal static class ChaosListenerAudit
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4); // The machine may be busy.

    /// <summary>Checks that each published event was recorded once over each broker, in stream order, also in the
    /// inbox.</summary>
    public static async Task IsWhole(ChaosStore listener, ChaosLogTotals books)
    {
        var said = Lines(books.Published);
        Assert.NotEmpty(said);
        foreach (var broker in Listener.Brokers)
        {
            await Equal(said, async () => await Read(listener, broker), broker);
            await Equal(
                [.. books.Published.Values.SelectMany(ids => ids).Order(StringComparer.Ordinal)],
                () => ChaosInbox.Read(listener, $"gazette-{broker}"),
                $"{broker} (according to the inbox)");
        }
        await Eventually.Is( // A duplicate may still be retried.
            async () =>
            {
                await ChaosPause.For(TimeSpan.FromSeconds(1));
                var letters = (await ChaosLog.Read<Gazette>(listener)).DeadLetters;
                return string.Join('\n', letters.Select(letter => $"{letter.Consumer}: {letter.Message}"));
            },
            letters => letters.Length == 0, WaitTimeout);
    }

    /// <summary>Waits until all published events were received.</summary>
    internal static async Task Equal(IReadOnlyList<string> said, Func<Task<IReadOnlyList<string>>> hear, string over)
    {
        IReadOnlyList<string> heard = [];
        try
        {
            await Eventually.Is(
                async () =>
                {
                    await ChaosPause.For(TimeSpan.FromSeconds(1));
                    return heard = await hear();
                },
                all => all.SequenceEqual(said), WaitTimeout);
        }
        catch (TimeoutException)
        {
            var (missing, wrong) = (string.Join('\n', said.Except(heard)), string.Join('\n', heard.Except(said)));
            Assert.Fail(
                $"The events received over {over} differ from the published ones.\n"
                    + $"Published but not received:\n{missing}\nReceived but not published:\n{wrong}"
            );
        }
    }

    /// <summary>Returns a line for each stream in the notes, with the ids of the messages.</summary>
    private static async Task<IReadOnlyList<string>> Read(ChaosStore listener, string broker)
    {
        var log = await ChaosLog.Read<Gazette>(listener);
        var heard = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var prefix = Listener.NotesOf(broker, null).Value;
        foreach (var recorded in log.Events)
        {
            if (!recorded.Stream.Value.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            var about = recorded.Stream.Value[prefix.Length..];
            if (!heard.TryGetValue(about, out var messages))
                heard[about] = messages = [];
            messages.Add(((OrderNoted)recorded.Data).Message);
        }
        return Lines(heard);
    }

    /// <summary>Returns the published events in the same form.</summary>
    private static IReadOnlyList<string> Lines(Dictionary<string, List<string>> messages) =>
        [.. messages.Select(about => $"{about.Key}: {string.Join(' ', about.Value)}").Order(StringComparer.Ordinal)];
}
