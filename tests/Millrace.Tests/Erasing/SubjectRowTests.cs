using System.Text;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Tests.Erasing;

/// <summary>Tests which rows an erasure attributes to a subject: by their bodies, keys and streams.</summary>
public sealed class SubjectRowTests : IAsyncLifetime
{
    private const string Call = $$"""{"call":"{{ErasureSample.Phone}}"}""";

    private ErasureSample _sample = null!; // Set by InitializeAsync.

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        await _sample.GivenEvents();
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public async Task A_short_subject_is_not_a_part_of_a_longer_name()
    {
        await _sample.Register("c-1", "charles@example.org");
        await _sample.GivenTimer("other", $$"""{"of":"c-12","call":"{{ErasureSample.Phone}}"}""");
        await _sample.GivenTimer("own", $$"""{"of":"c-1","call":"{{ErasureSample.Phone}}"}""");

        await _sample.Erase("e1", "c-1");

        Assert.True(await HasPhone("other"));
        Assert.False(await HasPhone("own"));
    }

    [Fact]
    public async Task A_stream_without_a_key_and_the_id_of_an_order_do_not_name_the_subject()
    {
        await _sample.Register("customer-20240001", "charles@example.org");
        await _sample.Append("shop", "party.planned", """{"guests":[{"id":20240001,"name":"Charles B."}]}""");
        await _sample.GivenTimer("shop", $$"""{"shop":"shop","call":"{{ErasureSample.Phone}}"}""");
        await _sample.GivenTimer("order", $$"""{"order":"20240001","call":"{{ErasureSample.Phone}}"}""");
        await _sample.GivenTimer("own", $$"""{"customerId":20240001,"call":"{{ErasureSample.Phone}}"}""");

        var info = await _sample.Erase("e1", "customer-20240001");

        Assert.True(await HasPhone("shop"));
        Assert.True(await HasPhone("order"));
        Assert.False(await HasPhone("own"));
        Assert.Equal(2, FindingsOf(info, "documents of timers").Count);
    }

    [Fact]
    public async Task A_stream_with_secrets_of_the_tenant_is_a_stream_of_the_subject()
    {
        await _sample.Append("order-77", "party.planned", """{"guests":[{"id":1,"name":"Ada of Ockham"}]}""");
        await _sample.Append("order-77", "customer.registered", """{"token":"a secret of the shop"}""");
        await _sample.Append("order-78", "party.planned", """{"guests":[{"id":1,"name":"Ada of Ockham"}]}""");
        await _sample.Append("order-78", "party.planned", """{"guests":[{"id":2,"name":"Bob of Ockham"}]}""");
        await _sample.GivenTimer("own", $$"""{"order":"order-77","call":"{{ErasureSample.Phone}}"}""");
        await _sample.GivenTimer("shared", $$"""{"order":"order-78","call":"{{ErasureSample.Phone}}"}""");

        await _sample.Erase();

        Assert.False(await HasPhone("own"));
        Assert.True(await HasPhone("shared"));
    }

    [Fact]
    public async Task A_stream_that_another_person_joins_while_the_keys_are_destroyed_is_shared()
    {
        await _sample.Append("order-77", "party.planned", """{"guests":[{"id":1,"name":"Ada of Ockham"}]}""");
        await _sample.GivenTimer("shared", $$"""{"order":"order-77","call":"{{ErasureSample.Phone}}"}""");
        _sample.Options.AfterStep = step =>
        {
            if (step == "values-read")
                _sample.Append("order-77", "party.planned", """{"guests":[{"id":2,"name":"Bob of Ockham"}]}""")
                    .GetAwaiter().GetResult();
        };

        await _sample.Erase();

        Assert.True(await HasPhone("shared"));
    }

    [Fact]
    public async Task A_timer_whose_key_names_the_subject_is_changed()
    {
        await _sample.GivenTimer("remind-customer-1", Call);
        await _sample.GivenTimer("remind-customer-12", Call);

        var info = await _sample.Erase();

        Assert.False(await HasPhone("remind-customer-1"));
        Assert.True(await HasPhone("remind-customer-12"));
        Assert.Equal(1, info.Copies.Single(place => place.Name == "history of timers").Changed);
        Assert.Single(FindingsOf(info, "documents of timers"));
        Assert.DoesNotContain(
            "7946", string.Concat(await _sample.Payloads("$timer-remind-customer-1")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_common_value_in_a_row_whose_key_names_the_subject_is_erased()
    {
        await _sample.Append(ErasureSample.Ada, "customer.registered", """{"email":"London","age":0,"phone":null}""");
        await _sample.GivenTimer("remind-customer-1", """{"city":"London"}""");
        await _sample.GivenTimer("remind-customer-2", """{"city":"London"}""");
        await _sample.GivenDocument("message-bodies", "to-customer-1", """{"city":"London"}""");
        await _sample.GivenDocument("message-bodies", "to-customer-2", """{"city":"London"}""");
        await _sample.GivenDocument("notes@1", "about-customer-1", """{"city":"London"}""");
        await _sample.GivenDocument("notes@1", "about-customer-2", """{"city":"London"}""");

        var info = await _sample.Erase();

        Assert.DoesNotContain("London", await BodyOf("remind-customer-1"), StringComparison.Ordinal);
        Assert.Contains("London", await BodyOf("remind-customer-2"), StringComparison.Ordinal);
        var documents = _sample.Sample.Storage.Documents;
        Assert.Null(await documents.Get("message-bodies", "to-customer-1", default));
        Assert.NotNull(await documents.Get("message-bodies", "to-customer-2", default));
        Assert.Equal(2, info.Verified.Single(place => place.Name == "documents of notes@1").CommonValues);
    }

    [Fact]
    public async Task A_held_message_and_a_dead_letter_in_a_stream_that_names_the_subject_are_changed()
    {
        foreach (var stream in new[] { "received.shop:customer-1", "received.shop:customer-2" })
            await _sample.Append(stream, PlatformEvents.MessageHeld, $$"""{"id":"m1","data":{{Call}}}""");
        await _sample.GivenDeadLetter("mailer", 999, Call, "failed"); // In the stream of the subject.

        var info = await _sample.Erase();

        Assert.Equal(1, info.Copies.Single(place => place.Name == "held messages").Changed);
        Assert.Contains("7946", Assert.Single(await _sample.Payloads("received.shop:customer-2")),
            StringComparison.Ordinal);
        var letter = Assert.Single(await _sample.Sample.Storage.DeadLetters.List(new DeadLetterQuery(), default));
        Assert.Null(letter.EditedPayload);
    }

    [Theory]
    [InlineData("customer-müller", "customer-müller")]
    [InlineData("customer-0197c0de-ab12-7c34-8d56-0123456789ab", "0197C0DEAB127C348D560123456789AB")]
    public async Task An_escaped_name_and_another_text_of_a_GUID_name_the_subject(string subject, string text)
    {
        await _sample.Register(subject, "charles@example.org");
        await _sample.GivenTimer("own", $$"""{"of":"{{text}}","call":"{{ErasureSample.Phone}}"}""");

        await _sample.Erase("e1", subject);

        Assert.False(await HasPhone("own"));
    }

    [Fact]
    public async Task A_value_under_a_key_of_another_kind_is_a_finding_of_another_owner()
    {
        var stored = await _sample.Sample.Stored(ErasureSample.Ada);
        using var json = System.Text.Json.JsonDocument.Parse(stored);
        var contact = json.RootElement.GetProperty("phone").GetString();
        var encoded = _sample.Store.Encode(new AppendRequest().To(
            new StreamId(ErasureSample.Ada),
            ExpectedVersion.Any,
            NewEvent.FromBytes("customer.registered", Encoding.UTF8.GetBytes($$"""{"email":"{{contact}}"}"""))));
        var request = new CommitRequest { Appends = encoded.Appends, IsAsStored = true };
        var position = (await _sample.Store.Commit(request, isBackground: false, default)).Position;

        var personal = await _sample.Erase("e1", ErasureSample.Ada, "personal");
        var all = await _sample.Erase("e2");

        Assert.Equal(
            [$"event at position {position}: a value is encrypted with the key of another owner"],
            FindingsOf(personal, "log"));
        Assert.Empty(FindingsOf(all, "log"));
    }

    private static IReadOnlyList<string> FindingsOf(ErasureInfo info, string place) =>
        info.Verified.Single(location => location.Name == place).Findings;

    private async Task<bool> HasPhone(string timer) =>
        (await BodyOf(timer)).Contains("7946", StringComparison.Ordinal);

    private async Task<string> BodyOf(string timer) =>
        (await new Timers(_sample.Store, null, isTool: true).Find(timer))!.Body.GetRawText();
}
