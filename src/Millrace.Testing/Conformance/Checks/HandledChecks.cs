using System.Text;
using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of the handled ids of commands and messages. A repetition gets the first answer.</summary>
internal static class HandledChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A repeated id gets the first answer, and nothing is written", The_first_answer_again),
        new("An id is handled only once within a batch", Once_in_a_batch),
        new("Equal ids of different scopes are independent", Scopes_are_apart),
        new("An id is stored until its window ends, and not longer", The_window),
        new("A handled id takes precedence over a conflict", Before_a_conflict),
        new("The id of a refused request is not stored as handled", Refused_is_not_handled),
        new("Answers are stored byte for byte", Answers_are_exact),
        new("Answers that are not empty can be listed in pages until they expire", Listed),
        new("A request with several ids is a repetition if one of them was handled before", One_of_several),
        new("An answer replaces only the stored answer that it names", Replaced),
        new("Exactly one of several concurrent replacements of an answer succeeds", Replaced_at_once),
    ];

    private static async Task The_first_answer_again(StorageProbe probe)
    {
        await probe.Append("other", ExpectedVersion.Any, Sample.Event(99));
        await probe.Do(Handling("command-1", 1, "first"));
        await probe.Append("other", ExpectedVersion.Any, Sample.Event(98));

        var again = await probe.Try(Handling("command-1", 2, "second"));

        Expect.Equal(CommitResult.HandledBefore, again.Result, "the outcome of the second try");
        ExpectAnswer("first", again.FirstAnswer);
        Expect.Equal(2, again.FirstAnswer!.Position, "the position of the first commit with the id"); // Checked above.
        Expect.Equal(3, await probe.LastPosition(), "the head of the log");
        ExpectAnswer("first", await probe.Log.FindHandled("place-order", "command-1", probe.Cancel));
        Expect.Equal(
            null,
            await probe.Log.FindHandled("place-order", "command-2", probe.Cancel),
            "an id that was never handled");
    }

    private static async Task Once_in_a_batch(StorageProbe probe)
    {
        var outcomes = await probe.Commit(
            Handling("c", 1, "first"), Handling("c", 2, "second"), Handling("d", 3, "third"));

        Expect.Committed(outcomes[0], "the first request");
        Expect.Equal(CommitResult.HandledBefore, outcomes[1].Result, "the second request");
        ExpectAnswer("first", outcomes[1].FirstAnswer);
        Expect.Committed(outcomes[2], "the request with another id");
        Expect.Same([1, 3], (await probe.ReadLog()).Select(BatchChecks.NumberOf), "the log");
    }

    private static async Task Listed(StorageProbe probe)
    {
        foreach (var (id, scope) in new[] { ("1", "a"), ("2", "a"), ("1", "b"), ("3", "A"), ("none", "b") })
        {
            var mark = Sample.Mark(id, id == "none" ? "" : scope + id, scope: scope);
            await probe.Do(new CommitRequest { Handled = [mark] });
        }
        if (await probe.Log.ListHandled(null, 10, probe.Cancel) is not { } all)
            return; // The storage does not support this request.

        var pages = new List<HandledRecord>();
        while (await probe.Log.ListHandled(pages.LastOrDefault(), 3, probe.Cancel) is { Count: > 0 } page)
            pages.AddRange(page);

        Expect.Same(
            ["A/3", "a/1", "a/2", "b/1"],
            all.Select(record => $"{record.Scope}/{record.Id}").Order(StringComparer.Ordinal),
            "the listed ids");
        Expect.Same(
            all.Select(record => $"{record.Scope}/{record.Id}"),
            pages.Select(record => $"{record.Scope}/{record.Id}"),
            "the ids in pages");
        foreach (var record in all)
        {
            ExpectAnswer(record.Scope + record.Id, record.Answer);
            var found = await probe.Log.FindHandled(record.Scope, record.Id, probe.Cancel);
            Expect.Equal(record.Answer.Position, Expect.NotNull(found, "the answer").Position, "the position");
        }
    }

    private static async Task Scopes_are_apart(StorageProbe probe)
    {
        await probe.Do(new CommitRequest { Handled = [Sample.Mark("1", "one", scope: "a")] });
        await probe.Do(new CommitRequest { Handled = [Sample.Mark("1", "two", scope: "b")] });
        await probe.Do(new CommitRequest { Handled = [Sample.Mark("1", "three", scope: "A")] });

        ExpectAnswer("one", await probe.Log.FindHandled("a", "1", probe.Cancel));
        ExpectAnswer("two", await probe.Log.FindHandled("b", "1", probe.Cancel));
        ExpectAnswer("three", await probe.Log.FindHandled("A", "1", probe.Cancel));
    }

    private static async Task The_window(StorageProbe probe)
    {
        var end = StorageProbe.Beginning + TimeSpan.FromHours(1);
        await probe.Do(Handling("c", 1, "first", end));

        probe.Now = end - TimeSpan.FromSeconds(1);
        var within = await probe.Try(Handling("c", 2, "second", end));
        probe.Now = end + TimeSpan.FromSeconds(1);
        var after = await probe.Try(Handling("c", 3, "third"));

        Expect.Equal(CommitResult.HandledBefore, within.Result, "the outcome within the window");
        Expect.Committed(after, "the request after the window");
        ExpectAnswer("third", await probe.Log.FindHandled("place-order", "c", probe.Cancel));
        probe.Now = end + TimeSpan.FromHours(2);
        Expect.Equal(
            CommitResult.HandledBefore,
            (await probe.Try(Handling("c", 4, "fourth"))).Result,
            "the outcome within the second window");
    }

    private static async Task Before_a_conflict(StorageProbe probe)
    {
        var request = Handling("c", 1, "first");
        await probe.Do(request);

        var again = await probe.Try(new CommitRequest
        {
            Handled = request.Handled,
            Appends = [Sample.To("stream-1", ExpectedVersion.NoStream, Sample.Event(7))],
            Checkpoint = new CheckpointMove("nobody", 0, 9, 9, 10),
        });

        Expect.Equal(
            CommitResult.HandledBefore, again.Result, "the outcome of a repeated command whose parts would be refused");
    }

    private static async Task Refused_is_not_handled(StorageProbe probe)
    {
        await probe.Refuse<VersionConflictException>(new CommitRequest
        {
            Handled = [Sample.Mark("c")],
            Appends = [Sample.To("a", ExpectedVersion.StreamExists, Sample.Event(1))],
        });

        Expect.Equal(null, await probe.Log.FindHandled("place-order", "c", probe.Cancel), "the refused id");
        await probe.Do(Handling("c", 2, "answer"));
    }

    private static async Task Answers_are_exact(StorageProbe probe)
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        HandledMark[] marks = [new("s", "all", all, Sample.FarFuture), new("s", "none", default, Sample.FarFuture)];
        await probe.Do(new CommitRequest { Handled = marks });
        var found = Expect.NotNull(await probe.Log.FindHandled("s", "all", probe.Cancel), "the answer of bytes");
        Expect.SameBytes(all, found.Answer, "the answer of bytes");
        var empty = Expect.NotNull(await probe.Log.FindHandled("s", "none", probe.Cancel), "the empty answer");
        Expect.Equal(0, empty.Answer.Length, "the length of an empty answer");
    }

    private static async Task One_of_several(StorageProbe probe)
    {
        await probe.Do(new CommitRequest { Handled = [Sample.Mark("b", "of b")] });

        var outcome = await probe.Try(new CommitRequest
        {
            Handled = [Sample.Mark("a", "of a"), Sample.Mark("b", "again")],
            Appends = [Sample.To("x", ExpectedVersion.Any, Sample.Event(1))],
        });

        Expect.Equal(CommitResult.HandledBefore, outcome.Result, "the outcome");
        ExpectAnswer("of b", outcome.FirstAnswer);
        Expect.Equal(null, await probe.Log.FindHandled("place-order", "a", probe.Cancel), "the other id");
        Expect.Equal(0, await probe.LastPosition(), "the head of the log");
    }

    private static async Task Replaced(StorageProbe probe)
    {
        var soon = StorageProbe.Beginning + TimeSpan.FromHours(1);
        await probe.Do(new CommitRequest { Handled = [Replacing("nothing", "first", soon)] });

        await probe.Do(new CommitRequest { Handled = [Replacing("first", "second")] });
        var late = await probe.Try(new CommitRequest { Handled = [Replacing("first", "third", soon)] });

        Expect.Equal(CommitResult.HandledBefore, late.Result, "the outcome of a replacement that names another answer");
        ExpectAnswer("second", late.FirstAnswer);
        probe.Now = soon + TimeSpan.FromHours(1);
        ExpectAnswer("second", await probe.Log.FindHandled("place-order", "c", probe.Cancel));
        var again = await probe.Try(Handling("c", 1, "fourth"));
        Expect.Equal(
            CommitResult.HandledBefore,
            again.Result,
            "the outcome within the window of the new answer");
    }

    private static async Task Replaced_at_once(StorageProbe probe)
    {
        await probe.Do(new CommitRequest { Handled = [Sample.Mark("c", "first")] });

        var outcomes = await probe.Commit(
            new CommitRequest { Handled = [Replacing("first", "second")] },
            new CommitRequest { Handled = [Replacing("first", "third")] },
            new CommitRequest { Handled = [Replacing("second", "fourth")] });

        Expect.Committed(outcomes[0], "the first replacement");
        Expect.Equal(
            CommitResult.HandledBefore, outcomes[1].Result, "the outcome of a second replacement of the same answer");
        ExpectAnswer("second", outcomes[1].FirstAnswer);
        Expect.Committed(outcomes[2], "the replacement of the new answer");
        ExpectAnswer("fourth", await probe.Log.FindHandled("place-order", "c", probe.Cancel));
    }

    private static HandledMark Replacing(string before, string answer, DateTimeOffset? until = null) =>
        Sample.Mark("c", answer, until) with { Replaces = Encoding.UTF8.GetBytes(before) };

    private static CommitRequest Handling(string id, int number, string answer, DateTimeOffset? until = null) => new()
    {
        Handled = [Sample.Mark(id, answer, until)],
        Appends = [Sample.To($"stream-{number}", ExpectedVersion.NoStream, Sample.Event(number))],
    };

    private static void ExpectAnswer(string expected, HandledAnswer? actual) =>
        Expect.Equal(expected, actual is null ? null : Encoding.UTF8.GetString(actual.Answer.Span), "the answer");
}
