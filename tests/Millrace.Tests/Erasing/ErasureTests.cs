using System.Text;
using Millrace.Aggregates;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Tests.Erasing;

/// <summary>Tests that an erasure removes all data of a subject, and only this data.</summary>
public sealed class ErasureTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.

    private Erasures Erasures => _sample.Erasures;

    public async Task InitializeAsync() => _sample = await ErasureSample.Create();

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public async Task An_erasure_passes_all_steps_and_is_confirmed()
    {
        await _sample.GivenEvents();
        await _sample.GivenCopies();

        var info = await _sample.Erase();

        Assert.Empty(info.Verified.SelectMany(place => place.Findings.Select(finding => $"{place.Name}: {finding}")));
        Assert.Equal(ErasureState.Confirmed, info.State);
        Assert.Equal(
            ["requested", "found", "approved", "started", "keys-destroyed", "copies-removed", "verified", "confirmed"],
            info.Steps.Select(step => step.Name));
        Assert.Equal("lawyer", info.Steps[2].By);
        Assert.True(info.Certificate!.IsSignedBy(ErasureSample.PublicKey));
    }

    [Fact]
    public async Task Readers_receive_erased_values_in_all_streams_of_the_subject_and_in_no_other()
    {
        await _sample.GivenEvents();
        await _sample.Payloads(ErasureSample.Ada); // The keys are in memory.

        await _sample.Erase();

        Assert.Equal(
            """{"email":"[erased]","age":0,"phone":null}""", Assert.Single(await _sample.Payloads(ErasureSample.Ada)));
        Assert.Equal(
            """{"guests":[{"id":1,"name":"[erased]"},{"id":2,"name":"Robert Smith-Jones"}]}""",
            Assert.Single(await _sample.Payloads("party-1")));
        Assert.Contains(
            "bob@example.org", Assert.Single(await _sample.Payloads("customer-2")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Documents_of_all_versions_are_rewritten_and_those_of_others_are_not()
    {
        await _sample.GivenEvents();
        await _sample.GivenCopies();
        var other = await _sample.StoredBody("customers@1", "k2");

        await _sample.Erase();

        Assert.Equal("""{"id":1,"name":"[erased]"}""", await _sample.StoredBody("customers@1", "k1"));
        Assert.Equal("""{"id":1,"name":"[erased]"}""", await _sample.StoredBody("customers@2", "k1"));
        Assert.Equal(other, await _sample.StoredBody("customers@1", "k2"));
    }

    [Fact]
    public async Task Snapshots_with_data_of_the_subject_are_removed()
    {
        await _sample.GivenEvents();
        await _sample.GivenCopies();

        await _sample.Erase();

        var documents = _sample.Sample.Storage.Documents;
        Assert.Null(await documents.Get(SnapshotStore.Collection, ErasureSample.Ada, default));
        Assert.Null(await documents.Get(SnapshotStore.Collection, "order-7", default));
        Assert.NotNull(await documents.Get(SnapshotStore.Collection, "customer-2", default));
    }

    [Fact]
    public async Task Values_in_commands_of_timers_are_replaced_and_their_history_is_removed()
    {
        await _sample.GivenEvents();
        await _sample.GivenCopies();

        await _sample.Erase();

        var timers = new Timers(_sample.Store, null, isTool: true);
        var timer = await timers.Find("remind");
        Assert.Equal(
            """{"customer":"customer-1","to":"[erased]","name":"[erased]","n":7}""", timer!.Body.GetRawText());
        Assert.Equal(2030, timer.Due!.Value.Year);
        Assert.Equal("edited", Assert.Single(await timers.History("remind")).Kind);
        Assert.Equal("set", Assert.Single(await timers.History("other")).Kind);
    }

    [Fact]
    public async Task Dead_letters_lose_the_edited_payload_and_the_values_in_the_error()
    {
        await _sample.GivenEvents();
        await _sample.GivenCopies();

        await _sample.Erase();

        var letters = await _sample.Sample.Storage.DeadLetters.List(new DeadLetterQuery(), default);
        var letter = Assert.Single(letters);
        Assert.Null(letter.EditedPayload);
        Assert.Equal("cannot send to [erased]", letter.Message);
        Assert.Contains("erasure e1", letter.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Held_messages_with_values_are_removed_and_others_are_not()
    {
        await _sample.GivenEvents();
        await _sample.GivenCopies();

        await _sample.Erase();

        Assert.DoesNotContain(await _sample.Payloads("received.shop:1"), Contains(ErasureSample.Email));
        Assert.Contains(await _sample.Payloads("received.shop:2"), Contains("bob@example.org"));
    }

    [Fact]
    public async Task A_held_message_is_not_removed_before_an_earlier_message_that_still_waits()
    {
        await _sample.GivenEvents();
        await _sample.Append("received.shop:1", PlatformEvents.MessageHeld, """{"id":"m0","data":{"a":"other"}}""");
        await _sample.Append(
            "received.shop:1", PlatformEvents.MessageHeld, $$"""{"id":"m1","of":"customer-1","data":"{{ErasureSample.Email}}"}""");
        var waiting = new DeadLetter
        {
            Consumer = "receive.shop",
            Position = 5,
            Key = "1",
            Stream = new StreamId("received.shop:1"),
            Version = 1,
            EventType = PlatformEvents.MessageHeld,
            EventId = Guid.CreateVersion7(),
            State = DeadLetterState.Parked,
        };
        await _sample.Store.Commit(
            new CommitRequest { DeadLetters = [new DeadLetterChange(waiting)] }, isBackground: false, default);

        var info = await _sample.Erase();

        Assert.Equal(ErasureState.Incomplete, info.State);
        Assert.Equal(2, (await _sample.Payloads("received.shop:1")).Count);
        Assert.Contains(info.Verified, place => place.Name == "log" && place.Findings.Count == 1);
    }

    [Fact]
    public async Task One_kind_of_data_is_erased_alone()
    {
        await _sample.GivenEvents();

        var info = await _sample.Erase("e1", ErasureSample.Ada, "contact");

        Assert.Equal(ErasureState.Confirmed, info.State);
        Assert.Equal(
            $$"""{"email":"{{ErasureSample.Email}}","age":36,"phone":null}""",
            Assert.Single(await _sample.Payloads(ErasureSample.Ada)));
        var second = await _sample.Erase("e2");
        Assert.Equal(ErasureState.Incomplete, second.State); // The values of the first erasure are not known.
        Assert.Contains("[erased]", Assert.Single(await _sample.Payloads(ErasureSample.Ada)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_copy_in_an_unmarked_member_makes_the_certificate_incomplete_without_the_value()
    {
        await _sample.GivenEvents();
        var note = await _sample.Append("note-1", "note.written", $$"""{"text":"mail to {{ErasureSample.Email}}"}""");
        await _sample.GivenDocument("notes@1", "n", $$"""{"text":"{{ErasureSample.Email}}"}""");

        var info = await _sample.Erase();

        Assert.Equal(ErasureState.Incomplete, info.State);
        var log = info.Verified.Single(place => place.Name == "log");
        Assert.Contains($"position {note.Position}", Assert.Single(log.Findings), StringComparison.Ordinal);
        Assert.Single(info.Verified.Single(place => place.Name == "documents of notes@1").Findings);
        var json = Encoding.UTF8.GetString(info.Certificate!.Content.Span);
        Assert.Contains("\"result\":\"incomplete\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain(ErasureSample.Email, json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_common_value_in_data_of_others_is_counted_and_does_not_make_the_certificate_incomplete()
    {
        await _sample.Append(ErasureSample.Ada, "customer.registered", """{"email":"London","age":1,"phone":"x"}""");
        await _sample.Append("shop-1", "shop.opened", """{"city":"London"}""");

        var info = await _sample.Erase();

        Assert.Equal(ErasureState.Confirmed, info.State);
        Assert.Equal(1, info.Verified.Single(place => place.Name == "log").CommonValues);
    }

    [Fact]
    public async Task No_event_of_an_erasure_contains_a_value()
    {
        await _sample.GivenEvents();
        await _sample.GivenCopies();

        await _sample.Erase();

        foreach (var payload in await _sample.Payloads("$erasure-e1"))
        {
            Assert.DoesNotContain(ErasureSample.Email, payload, StringComparison.Ordinal);
            Assert.DoesNotContain(ErasureSample.Name, payload, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_data_that_is_found_is_counted_by_place()
    {
        await _sample.GivenEvents();
        await _sample.GivenCopies();

        var info = await Erasures.Request(ErasureSample.RequestOf());

        Assert.Equal(ErasureState.Found, info.State);
        Assert.Equal(2, info.Found.Single(place => place.Name == "log").Matches);
        Assert.Equal(2, info.Found.Single(place => place.Name == "key store").Matches);
        Assert.Equal(1, info.Found.Single(place => place.Name == "documents of customers@1").Matches);
    }

    [Fact]
    public async Task New_data_of_an_erased_subject_is_refused()
    {
        await _sample.GivenEvents();

        await _sample.Erase();

        await Assert.ThrowsAsync<SubjectErasedException>(() => _sample.Register(ErasureSample.Ada, "new@example.org"));
    }

    [Fact]
    public async Task A_subject_without_encrypted_values_is_erased_too()
    {
        await _sample.Append(ErasureSample.Ada, "customer.moved", "{}");

        var info = await _sample.Erase();

        Assert.Equal(ErasureState.Incomplete, info.State); // There is no value to search for.
        await Assert.ThrowsAsync<SubjectErasedException>(() => _sample.Register(ErasureSample.Ada, "new@example.org"));
    }

    private static Predicate<string> Contains(string text) =>
        payload => payload.Contains(text, StringComparison.Ordinal);
}
