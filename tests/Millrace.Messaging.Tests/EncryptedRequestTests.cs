using System.Text;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests that requests and replies contain no marked value at the broker.</summary>
public sealed class EncryptedRequestTests : IDisposable
{
    private const string Destination = "persons";
    private const string PathsName = "millraceencrypted";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly RequestOptions Limit = new() { Timeout = TimeSpan.FromMinutes(1) };

    private readonly InMemoryBroker _broker = new();
    private readonly Persons _persons = new();
    private readonly List<Message> _sent = [];

    public void Dispose() => _persons.Dispose();

    [Theory]
    [InlineData(MessageFormat.Binary)]
    [InlineData(MessageFormat.Structured)]
    public async Task Marked_values_of_a_request_and_its_reply_are_encrypted_at_the_broker(MessageFormat format)
    {
        await using var service = await Service(format: format);
        await using var caller = await Caller(format: format);

        var answer = await caller.Requests.Send(new RegisterPerson("7", Persons.Name), Limit);
        var found = await caller.Requests.Ask(new NameOf("7"), Limit);

        Assert.Equal((new PersonAnswer("7", Persons.Name, 1), _persons.Found), (answer, found));
        Assert.Equal(4, Sent().Count);
        Assert.Equal(3, Sent().Count(static message => message.Headers.ContainsKey(PathsName)));
        AssertNothingPlain();
    }

    [Fact]
    public async Task The_text_of_a_refusal_is_encrypted()
    {
        await using var service = await Service();
        await using var caller = await Caller();

        var refused = await Assert.ThrowsAsync<RequestRefusedException>(async () =>
            await caller.Requests.Send(new RegisterPerson("nobody", Persons.Name), Limit));

        Assert.Contains($"{Persons.Name} is not known.", refused.Problem, StringComparison.Ordinal);
        Assert.True(refused.IsSettled);
        AssertNothingPlain();
    }

    [Fact]
    public async Task A_request_that_waits_at_the_broker_is_refused_after_an_erasure()
    {
        await Declare();
        await using var caller = await Caller();
        var waiting = caller.Requests.Send(new RegisterPerson("7", Persons.Name), Limit).AsTask();
        await Eventually.Until(() => _broker.Waiting(Destination) == 1);
        await Persons.Erase(caller, "7");

        await using var service = await Service();
        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => waiting);

        Assert.Equal((nameof(SubjectErasedException), false, 0), (refused.Error, refused.IsSettled, _persons.Handled));
        Assert.DoesNotContain(Persons.Name, refused.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_with_data_of_an_erased_subject_is_not_sent()
    {
        await using var service = await Service();
        await using var caller = await Caller();
        await caller.Requests.Send(new RegisterPerson("7", Persons.Name), Limit);
        await Persons.Erase(caller, "7");
        var sent = Sent().Count;

        await Assert.ThrowsAsync<SubjectErasedException>(async () =>
            await caller.Requests.Send(new RegisterPerson("7", Persons.Name), Limit));

        Assert.Equal(sent, Sent().Count);
    }

    [Fact]
    public async Task A_repeated_request_after_an_erasure_gets_the_stored_answer_with_the_erased_value()
    {
        await using var service = await Service();
        await using var caller = await Caller(marks: static _ => { });
        var once = Limit with { IdempotencyKey = "once" };
        var unencrypted = new RegisterPerson("7", Persons.Name);
        var first = await caller.Requests.Send(unencrypted, once);
        await Persons.Erase(service, "7");

        var again = await caller.Requests.Send(unencrypted, once);

        Assert.Equal((Persons.Name, "[erased]", 1), (first.Name, again.Name, again.Number));
    }

    [Fact]
    public async Task A_request_without_a_subject_is_encrypted_with_a_key_of_the_tenant()
    {
        Action<ModelBuilder> marks = static model => model.ProtectMessage<RegisterPerson>(new ProtectedMember("/name"));
        await using var service = await Service(marks);
        await using var caller = await Caller(marks);

        var answer = await caller.Requests.Send(new RegisterPerson("7", Persons.Name), Limit);

        Assert.Equal(Persons.Name, answer.Name);
        var request = Sent().First();
        Assert.DoesNotContain(Persons.Name, TextOf(request), StringComparison.Ordinal);
        var owners = await _persons.Keys.List(new KeyQuery(), Cancel);
        Assert.All(owners, static key => Assert.Equal(("", "derived"), (key.Owner.Subject, key.Owner.Kind)));
    }

    [Fact]
    public async Task An_answer_without_the_id_of_its_subject_becomes_a_refusal_without_the_value()
    {
        _persons.Found = new PersonAnswer("", Persons.Name, 1);
        await using var service = await Service();
        await using var caller = await Caller();

        var refused = await Assert.ThrowsAsync<RequestRefusedException>(async () =>
            await caller.Requests.Ask(new NameOf("7"), Limit));

        Assert.Equal((nameof(ProtectedValueException), false), (refused.Error, refused.IsSettled));
        Assert.DoesNotContain(Persons.Name, refused.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_without_the_keys_gets_a_typed_error()
    {
        await using var service = await Service();
        await using var caller = await Node.Start(millrace =>
            Connect(millrace.AddModel(static model => model.Json(PersonJson.Default)), Requesting));

        var error = await Assert.ThrowsAsync<MessageBodyException>(async () =>
            await caller.Requests.Ask(new NameOf("7"), Limit));

        Assert.Contains("this application has no keys", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_option_requests_and_replies_are_sent_as_they_are()
    {
        await using var service = await Service(publishesDecrypted: true);
        await using var caller = await Caller(publishesDecrypted: true);

        await caller.Requests.Send(new RegisterPerson("7", Persons.Name), Limit);

        Assert.All(Sent(), static message => Assert.Contains(Persons.Name, TextOf(message), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_that_was_changed_at_the_broker_is_not_handled()
    {
        await Declare();
        await using var caller = await Caller();
        var short1 = new RequestOptions { Timeout = TimeSpan.FromSeconds(1) };
        await Assert.ThrowsAsync<RequestTimeoutException>(async () =>
            await caller.Requests.Send(new RegisterPerson("7", Persons.Name), short1));
        var original = Sent().Single();
        var headers = original.Headers.Where(static pair => pair.Key != "expires").ToDictionary();
        await using var service = await Service();

        var moved = original with { Id = "moved", Headers = headers };
        await caller.Transports.Publish(InMemoryTransport.Name, Destination, moved);

        var letters = await Eventually.Get(
            async () => await service.DeadLetters.List(new DeadLetterQuery { Consumer = "receive.persons" }),
            static found => found.Any(letter => letter.State == DeadLetterState.Parked));
        Assert.Contains("moved from another place", letters.Single().Message, StringComparison.Ordinal);
        Assert.Equal(0, _persons.Handled);
    }

    private static string TextOf(Message message) => Encoding.UTF8.GetString(message.Body.Span);

    private static void Requesting(TransportBuilder transport) =>
        transport.Request<RegisterPerson>(Destination).Request<NameOf>(Destination);

    private void AssertNothingPlain() =>
        Assert.All(
            Sent(), static message => Assert.DoesNotContain(Persons.Name, TextOf(message), StringComparison.Ordinal));

    private List<Message> Sent()
    {
        lock (_sent)
            return [.. _sent];
    }

    private async Task Declare()
    {
        await using var transport = new InMemoryTransport(_broker);
        await transport.Declare(
            new TransportTopology([Destination], [new Subscription(Destination, Destination)]), Cancel);
    }

    private async Task<Node> Service(
        Action<ModelBuilder>? marks = null, MessageFormat format = default, bool publishesDecrypted = false)
    {
        var node = await Node.Start(millrace =>
        {
            _persons.UseKeys(millrace);
            millrace.AddModel(_persons.Register).AddModel(marks ?? Persons.Mark);
            Connect(
                millrace,
                transport => transport
                    .Receive(
                        Destination,
                        Destination,
                        receiver => receiver.Answer<RegisterPerson>().Answer<NameOf>())
                    .Configure(options => Set(options, format, publishesDecrypted)));
        });
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
        return node;
    }

    private Task<Node> Caller(
        Action<ModelBuilder>? marks = null, MessageFormat format = default, bool publishesDecrypted = false) =>
        Node.Start(millrace =>
        {
            _persons.UseKeys(millrace);
            millrace.AddModel(static model => model.Json(PersonJson.Default)).AddModel(marks ?? Persons.Mark);
            Connect(millrace, transport =>
            {
                Requesting(transport);
                transport.Configure(options => Set(options, format, publishesDecrypted));
            });
        });

    private static void Set(TransportOptions options, MessageFormat format, bool publishesDecrypted)
    {
        options.Format = format;
        options.PublishesDecrypted = publishesDecrypted;
    }

    private void Connect(MillraceBuilder millrace, Action<TransportBuilder> configure) =>
        millrace.UseTransport(
            InMemoryTransport.Name,
            _ => new FaultyTransport(_broker)
            {
                MapSent = messages =>
                {
                    lock (_sent)
                        _sent.AddRange(messages.Select(static one => one.Message));
                    return messages;
                },
            },
            configure);
}
