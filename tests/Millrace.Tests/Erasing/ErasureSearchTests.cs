
namespace Millrace.Tests.Erasing;

/// <summary>Tests that an erasure is complete only if all values of the subject were searched.</summary>
public sealed class ErasureSearchTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        await _sample.GivenEvents();
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public async Task The_values_of_an_attempt_that_failed_after_the_keys_were_destroyed_are_kept()
    {
        var isFirst = true;
        _sample.Options.AfterStep = step =>
        {
            if (step != "keys-gone" || !isFirst)
                return;
            isFirst = false;
            throw new InvalidOperationException("The event cannot be appended.");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => _sample.Erase());

        var info = await _sample.Erasures.CarryOut("e1");

        Assert.Equal(ErasureState.Confirmed, info.State);
        Assert.Equal("complete", ResultOf(info));
    }

    [Fact]
    public async Task A_subject_without_any_value_gets_a_certificate_about_its_keys_only()
    {
        await _sample.Append("customer-7", "customer.moved", "{}");

        var info = await _sample.Erase("e7", "customer-7");

        Assert.Equal(ErasureState.Incomplete, info.State);
        Assert.Equal("keys-only", ResultOf(info));
    }

    [Fact]
    public async Task Plain_events_from_before_the_members_were_marked_are_findings_and_their_values_are_searched()
    {
        var email = "old.address@example.org";
        var plain = await _sample.AppendPlain(
            ErasureSample.Ada, "customer.registered", $$"""{"email":"{{email}}","age":0,"phone":null}""");
        var party = await _sample.AppendPlain(
            "party-2",
            "party.planned",
            """{"guests":[{"id":1,"name":"Ada King-Noel"},{"id":2,"name":"Bob Smith"}]}""");
        await _sample.AppendPlain("party-3", "party.planned", """{"guests":[{"id":12,"name":"Ida Rhodes-Lee"}]}""");
        await _sample.GivenDocument("notes@1", "n", $$"""{"text":"{{email}}"}""");

        var info = await _sample.Erase();

        Assert.Equal(ErasureState.Incomplete, info.State);
        var log = info.Verified.Single(place => place.Name == "log");
        Assert.Equal(
            [
                $"event at position {plain}: a value of the subject is not encrypted",
                $"event at position {party}: a value of the subject is not encrypted",
            ],
            log.Findings);
        Assert.Single(info.Verified.Single(place => place.Name == "documents of notes@1").Findings);
    }

    [Fact]
    public async Task A_plain_value_without_a_subject_belongs_to_the_subject_of_its_stream()
    {
        await _sample.Append("party-4", "party.planned", """{"host":{"name":"Ada King-Noel"},"hostId":1}""");
        var old = await _sample.AppendPlain("party-4", "party.planned", """{"host":{"name":"Ada K. of old"}}""");

        var other = await _sample.Erase("e2", "customer-2");
        var own = await _sample.Erase("e1", ErasureSample.Ada);

        Assert.Equal("complete", ResultOf(other));
        Assert.Equal(
            [$"event at position {old}: a value of the subject is not encrypted"],
            own.Verified.Single(place => place.Name == "log").Findings);
    }

    [Fact]
    public async Task A_plain_value_without_a_subject_in_an_undeclared_category_leaves_every_certificate_some_values()
    {
        await _sample.Append("ticket-7", "party.planned", """{"host":{"name":"Ada King-Noel"},"hostId":1}""");
        await _sample.AppendPlain("ticket-7", "party.planned", """{"host":{"name":"Robert of old"}}""");

        var info = await _sample.Erase("e2", "customer-2");

        Assert.Equal("some-values", ResultOf(info));
    }

    [Fact]
    public async Task A_plain_value_of_an_unknown_subject_leaves_every_certificate_without_some_values()
    {
        await _sample.AppendPlain("party-5", "party.planned", """{"host":{"name":"somebody from before"}}""");

        var info = await _sample.Erase();

        Assert.Equal("some-values", ResultOf(info));
    }

    [Fact]
    public async Task A_plain_event_is_a_finding_after_a_restart_too()
    {
        await _sample.AppendPlain(ErasureSample.Ada, "customer.registered", """{"email":"old@example.org"}""");
        _sample.Options.AfterStep = step =>
        {
            if (step == "erasures.keys-destroyed")
                throw new InvalidOperationException("The program ends.");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => _sample.Erase());
        _sample.Options.AfterStep = null;

        await _sample.Restart();
        await _sample.Erasures.Resume();

        var info = await _sample.Erasures.Find("e1");
        Assert.Equal("incomplete", ResultOf(info!));
        Assert.Single(info!.Verified.Single(place => place.Name == "log").Findings);
    }

    [Fact]
    public async Task An_event_that_is_appended_after_the_values_were_read_makes_the_erasure_incomplete()
    {
        _sample.Options.AfterStep = step =>
        {
            if (step != "values-read")
                return;
            _sample.Register("order-5", "unused@example.org").GetAwaiter().GetResult();
            _sample.Append("party-9", "party.planned", """{"guests":[{"id":1,"name":"Ada of Ockham"}]}""")
                .GetAwaiter().GetResult();
            _sample.GivenDocument("snapshots", "party-9", """{"version":1,"state":{"n":"Ada of Ockham"}}""")
                .GetAwaiter().GetResult();
        };

        var info = await _sample.Erase();

        Assert.Equal(ErasureState.Incomplete, info.State);
        Assert.Equal("some-values", ResultOf(info));
        Assert.Null(await _sample.Sample.Storage.Documents.Get("snapshots", "party-9", default));
    }

    [Fact]
    public async Task A_value_under_a_key_that_the_key_store_has_lost_is_a_finding()
    {
        var token = "~enc1." + new string('A', 22) + "." + new string('B', 80);
        var json = $$"""{"email":"{{token}}","age":0}""";
        var lost = await _sample.AppendPlain(ErasureSample.Ada, "customer.registered", json);
        await _sample.AppendPlain("customer-2", "customer.registered", json);

        var info = await _sample.Erase();

        Assert.Equal(ErasureState.Incomplete, info.State);
        Assert.Equal(
            [$"event at position {lost}: a value is encrypted with a key that the key store does not contain"],
            info.Verified.Single(place => place.Name == "log").Findings);
    }

    [Fact]
    public async Task A_longer_name_does_not_name_the_subject()
    {
        await _sample.Append("customer-1", "customer.registered", """{"email":"London","age":0,"phone":null}""");
        await _sample.GivenTimer("other", """{"customer":"customer-12","city":"London"}""");
        await _sample.GivenTimer("own", """{"customer":"customer-1","city":"London"}""");

        await _sample.Erase();

        var timers = new Timers(_sample.Store, null, isTool: true);
        Assert.Contains("London", (await timers.Find("other"))!.Body.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("[erased]", (await timers.Find("own"))!.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_one_erasure_does_not_stop_the_others()
    {
        foreach (var (id, subject) in new[] { ("e1", ErasureSample.Ada), ("e2", "customer-2") })
        {
            await _sample.Erasures.Request(ErasureSample.RequestOf(id, subject));
            await _sample.Erasures.Approve(id, "lawyer");
        }
        var isFirst = true;
        _sample.Options.AfterStep = _ =>
        {
            if (!isFirst)
                return;
            isFirst = false;
            throw new InvalidOperationException("A failure.");
        };

        await Assert.ThrowsAsync<AggregateException>(() => _sample.Erasures.Resume());

        Assert.False((await _sample.Erasures.Find("e1"))!.IsFinal);
        Assert.Equal(ErasureState.Confirmed, (await _sample.Erasures.Find("e2"))!.State);
    }

    private static string ResultOf(ErasureInfo info)
    {
        using var json = System.Text.Json.JsonDocument.Parse(info.Certificate!.Content);
        return json.RootElement.GetProperty("result").GetString()!;
    }
}
