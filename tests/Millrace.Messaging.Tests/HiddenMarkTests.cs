using System.Text.Json;
using System.Text.Json.Serialization;
using Millrace.Protection;

namespace Millrace.Messaging.Tests;

/// <summary>
/// Tests that a hand-written model does not send marked values plain that a converter inside a request or an answer
/// hides.
/// </summary>
public sealed class HiddenMarkTests
{
    private const string Destination = "crates";

    private readonly InMemoryBroker _broker = new();
    private readonly Parcels _parcels = new();

    [Theory]
    [InlineData(typeof(SendCrate), "'/place'", "CratePlace.Street")]
    [InlineData(typeof(SendCrates), "'/places/*'", "CratePlace.Street")]
    [InlineData(typeof(SendContact), "'/contact'", "MailContact.Mail")]
    [InlineData(typeof(SendOrigin), "'/origin'", "CratePlace.Street")]
    [InlineData(typeof(SendNote), "'/note'", "PlainNote.Text")]
    public async Task A_sender_of_a_request_with_a_hidden_mark_does_not_start(
        Type request, string path, string member)
    {
        var refused = await Assert.ThrowsAsync<ProtectedValueException>(() => Sender(request));

        Assert.Equal(request.Name, refused.Type);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains($"hides the member {member}", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"model.ProtectMessage<{request.Name}>(", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hidden_value_can_be_marked_as_a_whole()
    {
        await using var node = await Sender(
            typeof(SendCrate),
            static model => model.ProtectMessage<SendCrate>(new ProtectedMember("/place") { IsSecret = true }));

        Assert.NotNull(node.Requests);
    }

    [Fact]
    public async Task Ids_and_other_hidden_values_without_marks_are_sent()
    {
        await using var node = await Sender(typeof(SendValues));

        Assert.NotNull(node.Requests);
    }

    [Fact]
    public async Task A_receiver_whose_answer_has_a_hidden_mark_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<ProtectedValueException>(() => Node.Start(millrace =>
        {
            _parcels.UseKeys(millrace);
            millrace
                .AddModel(static model => model.Json(CrateJson.Default).Command(
                    new CommandDefinition<FindCrate, CrateAnswer>(
                        "find-crate", static (_, _, _) => new(new CrateAnswer(new CratePlace("Main Street"))))))
                .UseInMemoryTransport(
                    static transport => transport.Receive(
                        Destination, Destination, static receiver => receiver.Answer<FindCrate>()),
                    _broker);
        }));

        Assert.Equal(nameof(CrateAnswer), refused.Type);
        Assert.Contains("'/place'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(CrateId), true)]
    [InlineData(typeof(CrateSize), true)]
    [InlineData(typeof(CrateId?), true)]
    [InlineData(typeof(Uri), true)]
    [InlineData(typeof(string[]), true)]
    [InlineData(typeof(StreamId), true)]
    [InlineData(typeof(Dictionary<string, CrateId>), true)]
    [InlineData(typeof(CrateLabel), false)]
    [InlineData(typeof(CrateLabel[]), false)]
    [InlineData(typeof(IReadOnlyList<CrateLabel>), false)]
    public void A_trimmed_application_accepts_types_that_are_known_to_have_no_marks(Type type, bool isKnown) =>
        Assert.Equal(isKnown, HiddenMarks.FindWithoutMembers(type) is null);

    private Task<Node> Sender(Type request, Action<ModelBuilder>? register = null) => Node.Start(millrace =>
    {
        _parcels.UseKeys(millrace);
        millrace
            .AddModel(model =>
            {
                model.Json(CrateJson.Default);
                register?.Invoke(model);
            })
            .UseInMemoryTransport(transport => Connect(transport, request), _broker);
    });

    private static TransportBuilder Connect(TransportBuilder transport, Type request) => request.Name switch
    {
        nameof(SendCrate) => transport.Request<SendCrate>(Destination),
        nameof(SendCrates) => transport.Request<SendCrates>(Destination),
        nameof(SendContact) => transport.Request<SendContact>(Destination),
        nameof(SendOrigin) => transport.Request<SendOrigin>(Destination),
        nameof(SendNote) => transport.Request<SendNote>(Destination),
        _ => transport.Request<SendValues>(Destination),
    };
}

public sealed record SendCrate(CratePlace Place) : ICommand;

public sealed record SendCrates(IReadOnlyList<CratePlace> Places) : ICommand;

public sealed record SendContact(CrateContact Contact) : ICommand;

public sealed record SendOrigin(CrateOrigin Origin) : ICommand;

/// <summary>A request whose member has a converter, and its type has none.</summary>
public sealed record SendNote(
    [property: JsonConverter(typeof(HiddenConverter<PlainNote>))] PlainNote Note) : ICommand;

public sealed record SendValues(
    CrateId Id, CrateId? Other, CrateSize Size, CrateLabel Label, Uri Link, CrateId[] All) : ICommand;

public sealed record FindCrate(int Number) : ICommand<CrateAnswer>;

public sealed record CrateAnswer(CratePlace Place);

[JsonConverter(typeof(HiddenConverter<CratePlace>))]
public sealed record CratePlace([PersonalData] string Street);

[JsonConverter(typeof(HiddenConverter<CrateContact>))]
public abstract record CrateContact;

public sealed record MailContact([property: PersonalData] string Mail) : CrateContact;

[JsonConverter(typeof(HiddenConverter<CrateOrigin>))]
public sealed record CrateOrigin(IReadOnlyList<CratePlace> Places);

public sealed record PlainNote
{
    [Secret]
    public string Text { get; init; } = "";
}

[JsonConverter(typeof(HiddenConverter<CrateId>))]
public readonly record struct CrateId(string Value);

[JsonConverter(typeof(JsonStringEnumConverter<CrateSize>))]
public enum CrateSize
{
    Small,
    Large,
}

[JsonConverter(typeof(HiddenConverter<CrateLabel>))]
public sealed record CrateLabel(string Text);

/// <summary>A converter of the application without a description.</summary>
internal sealed class HiddenConverter<T> : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new JsonException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value?.ToString());
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SendCrate))]
[JsonSerializable(typeof(SendCrates))]
[JsonSerializable(typeof(SendContact))]
[JsonSerializable(typeof(SendOrigin))]
[JsonSerializable(typeof(SendNote))]
[JsonSerializable(typeof(SendValues))]
[JsonSerializable(typeof(FindCrate))]
[JsonSerializable(typeof(CrateAnswer))]
internal sealed partial class CrateJson : JsonSerializerContext;
