using System.Text;
using System.Text.Json;
using Millrace.Aggregates;
using Millrace.Events;
using Millrace.Scheduling;
using Millrace.Storage;

namespace Millrace.Tests.Erasing;

/// <summary>
/// Tests that an erasure changes no copy that may belong to another person with the same value, such as the phone
/// number of a household, and that it reports such copies.
/// </summary>
public sealed class SharedValueTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        await _sample.GivenEvents();
        await _sample.Register("customer-3", "charles@example.org"); // With the phone number of customer-1.
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public async Task A_timer_of_another_person_with_the_same_value_is_kept_and_reported()
    {
        await _sample.GivenTimer("his", $$"""{"customer":"customer-3","call":"{{ErasureSample.Phone}}"}""");
        await _sample.GivenTimer("hers", $$"""{"customer":"customer-1","call":"{{ErasureSample.Phone}}"}""");

        var info = await _sample.Erase();

        Assert.Contains("7946", await TimerBody("his"), StringComparison.Ordinal);
        Assert.DoesNotContain("7946", await TimerBody("hers"), StringComparison.Ordinal);
        Assert.Equal(ErasureState.Incomplete, info.State);
        var finding = Assert.Single(FindingsOf(info, "documents of timers"));
        Assert.EndsWith("may belong to another person", finding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_held_message_and_an_edited_payload_of_another_person_are_kept_and_reported()
    {
        var message = $$$"""{"id":"m1","data":{"customer":"customer-3","call":"{{{ErasureSample.Phone}}}"}}""";
        await _sample.Append("received.shop:3", PlatformEvents.MessageHeld, message);

        var info = await _sample.Erase();

        Assert.Equal(message, Assert.Single(await _sample.Payloads("received.shop:3")));
        Assert.Equal(ErasureState.Incomplete, info.State);
        Assert.Single(FindingsOf(info, "log"));
    }

    [Fact]
    public async Task A_snapshot_of_another_person_with_the_same_value_is_kept_and_no_finding()
    {
        var body = $$$"""{"version":1,"state":{"phone":"{{{ErasureSample.Phone}}}"}}""";
        await _sample.GivenDocument(SnapshotStore.Collection, "customer-3", body);

        var info = await _sample.Erase();

        Assert.NotNull(await _sample.Sample.Storage.Documents.Get(SnapshotStore.Collection, "customer-3", default));
        Assert.Equal(ErasureState.Confirmed, info.State);
        Assert.Equal(1, info.Verified.Single(place => place.Name == "documents of snapshots").CommonValues);
    }

    [Theory]
    [InlineData("Ireland", ErasureState.Confirmed)]
    [InlineData("Iceland", ErasureState.Incomplete)]
    public async Task A_plain_value_in_a_row_of_the_subject_is_a_finding_unless_rows_of_others_have_it(
        string country, ErasureState expected)
    {
        await _sample.Register(ErasureSample.Ada, country);
        await _sample.GivenDocument("orders@1", "7", $$"""{"customer":"customer-1","country":"{{country}}"}""");
        await _sample.GivenDocument("statistics@1", "c", """{"country":"Ireland","sales":3}""");

        var info = await _sample.Erase();

        var findings = info.Verified.SelectMany(place => place.Findings.Select(one => $"{place.Name}: {one}"));
        if (expected == ErasureState.Confirmed)
            Assert.Empty(findings);
        Assert.Equal(expected, info.State);
        var orders = info.Verified.Single(place => place.Name == "documents of orders@1");
        Assert.Equal(expected == ErasureState.Confirmed ? 1 : 0, orders.CommonValues);
    }

    [Fact]
    public async Task A_row_that_names_a_stream_of_the_subject_only_belongs_to_it()
    {
        await _sample.Append("order-77", "party.planned",
            $$"""{"guests":[{"id":1,"name":"{{ErasureSample.Name}}"}]}""");
        await _sample.GivenTimer("hers", $$"""{"order":"order-77","call":"{{ErasureSample.Phone}}"}""");
        await _sample.GivenTimer("party", $$"""{"party":"party-1","call":"{{ErasureSample.Phone}}"}""");

        var info = await _sample.Erase();

        Assert.DoesNotContain("7946", await TimerBody("hers"), StringComparison.Ordinal);
        Assert.Contains("7946", await TimerBody("party"), StringComparison.Ordinal); // party-1 has several guests.
        Assert.Single(FindingsOf(info, "documents of timers"));
    }

    [Fact]
    public async Task A_copy_that_cannot_be_decrypted_is_a_finding()
    {
        await _sample.GivenTimer("his", """{"customer":"customer-3"}""");
        var stored = await _sample.Sample.Storage.Documents.Get(TimerStore.Name, "his", default);
        var body = Encoding.UTF8.GetString(stored!.Body.Span);
        var middle = body.Length / 2;
        var damaged = body[..middle] + (body[middle] == 'A' ? 'B' : 'A') + body[(middle + 1)..];
        var change = new DocumentChange
        {
            Collection = TimerStore.Name,
            Key = "his",
            Body = Encoding.UTF8.GetBytes(damaged),
            Fields = [FieldValue.Microseconds(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)), "x"],
        };
        await _sample.Store.Commit(
            new CommitRequest { Documents = [change], IsAsStored = true }, isBackground: false, default);

        var info = await _sample.Erase();

        Assert.Equal(ErasureState.Incomplete, info.State);
        var finding = Assert.Single(FindingsOf(info, "documents of timers"));
        Assert.EndsWith("it cannot be decrypted, and was not searched", finding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_names_the_end_of_the_log_before_the_verification()
    {
        var info = await _sample.Erase();

        using var json = JsonDocument.Parse(info.Certificate!.Content);
        var position = json.RootElement.GetProperty("logPosition").GetInt64();
        Assert.Equal(info.Steps.Single(step => step.Name == "copies-removed").Position, position);
    }

    [Fact]
    public async Task The_streams_of_erasures_cannot_be_removed()
    {
        await _sample.Erase();

        var refused = await Assert.ThrowsAsync<InvalidNameException>(
            () => _sample.Store.Truncate(new StreamId("$erasure-e1"), 3, "clean up"));
        await Assert.ThrowsAsync<InvalidNameException>(
            () => _sample.Store.Delete(new StreamId("$erasure-e1"), ExpectedVersion.Any, "clean up"));

        Assert.Contains("reserved for erasures", refused.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> FindingsOf(ErasureInfo info, string place) =>
        info.Verified.Single(location => location.Name == place).Findings;

    private async Task<string> TimerBody(string key) =>
        (await new Timers(_sample.Store, null, isTool: true).Find(key))!.Body.GetRawText();
}
