using System.Text;
using Millrace.Storage;
using Millrace.Tests.Erasing;

namespace Millrace.Tests.Protection;

/// <summary>Tests that concealed reads return no encrypted value, and that other reads do.</summary>
public sealed class ConcealedValueTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        await _sample.GivenEvents();
        await _sample.GivenCopies();
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public async Task A_concealed_read_returns_the_values_after_erasure()
    {
        using (ProtectedValues.Conceal())
        {
            Assert.DoesNotContain("Ada Lovelace-King", await ReadAll(), StringComparison.Ordinal);
            Assert.DoesNotContain(ErasureSample.Email, await ReadAll(), StringComparison.Ordinal);
            Assert.Contains("[erased]", await ReadAll(), StringComparison.Ordinal);
        }
        Assert.Contains(ErasureSample.Email, await ReadAll(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_flow_that_conceals_is_concealed()
    {
        var isConcealed = new TaskCompletionSource();
        var mayEnd = new TaskCompletionSource();
        var concealing = Task.Run(async () =>
        {
            using var concealed = ProtectedValues.Conceal();
            isConcealed.SetResult();
            await mayEnd.Task;
            return await ReadAll();
        });
        await isConcealed.Task;

        var other = await ReadAll();
        mayEnd.SetResult();

        Assert.Contains(ErasureSample.Email, other, StringComparison.Ordinal);
        Assert.DoesNotContain(ErasureSample.Email, await concealing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_inner_disposal_does_not_reveal()
    {
        using var outer = ProtectedValues.Conceal();
        ProtectedValues.Conceal().Dispose();

        Assert.DoesNotContain(ErasureSample.Email, await ReadAll(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_from_before_their_members_were_marked_are_concealed_too()
    {
        var old = NewEvent.FromBytes(
            "customer.registered", """{"email":"old@example.org","age":36,"shop":"north"}"""u8.ToArray()) with
        {
            Id = Guid.CreateVersion7(),
        };
        var broken = NewEvent.FromBytes("customer.registered", "{\"email\":\"old@example.org"u8.ToArray());
        await StorePlain(_sample.Store.Encode(
            new AppendRequest().To(new StreamId("customer-9"), ExpectedVersion.Any, old)).Appends);
        await StorePlain(_sample.Store.Encode(
            new AppendRequest().To(new StreamId("customer-9"), ExpectedVersion.Any, broken)).Appends);
        await StorePlain([], new DocumentChange
        {
            Collection = "customers@1",
            Key = "old",
            Body = """{"id":9,"name":"old@example.org"}"""u8.ToArray(),
        });
        var log = _sample.Store.Storage.Log;

        Assert.Contains("old@example.org", await ReadAll(), StringComparison.Ordinal);
        using var concealed = ProtectedValues.Conceal();
        Assert.DoesNotContain("old@example.org", await ReadAll(), StringComparison.Ordinal);
        var found = await log.FindEvent(old.Id!.Value, default);
        var inStream = await log.FindEvent(new StreamId("customer-9"), old.Id.Value, default);

        const string Expected = """{"email":"[erased]","age":0,"shop":"north"}""";
        Assert.Equal(Expected, Encoding.UTF8.GetString(found!.Payload.Span));
        Assert.Equal(Expected, Encoding.UTF8.GetString(inStream!.Payload.Span));
    }

    [Theory]
    [InlineData("customer.registered")]
    [InlineData("customer.moved")] // It has no marks, but edits are always encrypted.
    public async Task An_edit_of_a_dead_letter_from_before_the_marks_is_concealed(string type)
    {
        const string Edited = """{"email":"old@example.org"}""";
        var letter = new DeadLetter
        {
            Consumer = "mailer",
            Position = 3,
            Key = "old",
            Stream = new StreamId("customer-9"),
            Version = 1,
            EventType = type,
            EventId = Guid.CreateVersion7(),
            State = DeadLetterState.Parked,
            EditedPayload = Encoding.UTF8.GetBytes(Edited),
        };
        await _sample.Store.Commit(
            new CommitRequest { DeadLetters = [new DeadLetterChange(letter)], IsAsStored = true }, false, default);
        var letters = _sample.Store.Storage.DeadLetters;

        var found = (await letters.Find("mailer", 0, 3, "old", default))!;
        using var concealed = ProtectedValues.Conceal();
        var hidden = (await letters.Get(found.Id, default))!;
        var groups = await letters.ListGroups("mailer", 10, default);

        Assert.Equal(Edited, TextOf(found));
        Assert.Equal("\"[erased]\"", TextOf(hidden));
        Assert.DoesNotContain(groups, group => TextOf(group.Sample).Contains("old@", StringComparison.Ordinal));
        Assert.DoesNotContain("old@example.org", await ReadAll(), StringComparison.Ordinal);
    }

    private static string TextOf(DeadLetter letter) => Encoding.UTF8.GetString((letter.EditedPayload ?? default).Span);

    /// <summary>Stores data as a version of the application without marks.</summary>
    private async Task StorePlain(IReadOnlyList<StreamAppend> appends, params DocumentChange[] documents)
    {
        var request = new CommitRequest { Appends = appends, Documents = documents, IsAsStored = true };
        await _sample.Store.Commit(request, isBackground: false, default);
    }

    /// <summary>Reads all events, and the documents, timers, snapshots and dead letters.</summary>
    private async Task<string> ReadAll()
    {
        var text = new StringBuilder();
        await foreach (var recorded in _sample.Store.ReadLog(EventFilter.All))
            text.AppendLine(Encoding.UTF8.GetString(recorded.Payload.Span));
        foreach (var collection in await _sample.Store.Storage.Documents.List(default))
        {
            var query = new DocumentQuery { Collection = collection.Definition.Name, Limit = 100 };
            foreach (var document in (await _sample.Store.Storage.Documents.Query(query, default)).Documents)
                text.AppendLine(Encoding.UTF8.GetString(document.Body.Span));
        }
        foreach (var letter in await _sample.Store.Storage.DeadLetters.List(new DeadLetterQuery(), default))
            text.AppendLine(Encoding.UTF8.GetString((letter.EditedPayload ?? default).Span));
        return text.ToString();
    }
}
