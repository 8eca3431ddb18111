using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Cli.Models.Diagrams;

/// <summary>
/// Writes a model as AsyncAPI 3.0. Each aggregate has a channel with all versions of its events and with send and
/// receive operations. Each command has a channel without an address, because the application defines the address.
/// </summary>
internal sealed class AsyncApiDocument
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ModelDescription _model;
    private readonly PayloadSchemas _schemas;
    private readonly JsonObject _channels = [];
    private readonly JsonObject _operations = [];
    private readonly JsonObject _messages = [];
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private readonly HashSet<string> _usedKeys = new(StringComparer.Ordinal);

    private AsyncApiDocument(ModelDescription model, ModelCatalog catalog) =>
        (_model, _schemas) = (model, new(catalog));

    /// <param name="model">The model.</param>
    /// <param name="catalog">The catalog with the shapes of the messages.</param>
    /// <param name="version">The version of the application.</param>
    public static string Of(ModelDescription model, ModelCatalog catalog, string version) =>
        new AsyncApiDocument(model, catalog).Write(version).ToJsonString(Layout).ReplaceLineEndings("\n") + "\n";

    private JsonObject Write(string version)
    {
        var channelsOf = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var aggregate in _model.Aggregates.Where(aggregate => aggregate.Writes.Count > 0))
            AddStreams(aggregate, channelsOf);
        AddOtherEvents(channelsOf);
        foreach (var consumer in _model.Consumers)
            AddConsumer(consumer, channelsOf);
        foreach (var command in _model.Commands)
            AddCommand(command);
        var title = _model.Models is [var first, ..] ? first[(first.LastIndexOf('.') + 1)..] : "Events";
        var info = new JsonObject { ["title"] = title, ["version"] = version };
        if (_model.Summary is { } summary)
            info["description"] = summary;
        return new()
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = info,
            ["defaultContentType"] = "application/json",
            ["channels"] = _channels,
            ["operations"] = _operations,
            ["components"] = new JsonObject { ["messages"] = _messages, ["schemas"] = _schemas.Components() },
        };
    }

    private void AddStreams(AggregateDescription aggregate, Dictionary<string, List<string>> channelsOf)
    {
        var events = _model.Events.Where(found => aggregate.Writes.Contains(found.Name)).ToList();
        var channelKey = KeyOf($"streams.{aggregate.Category}");
        var channel = new JsonObject
        {
            ["address"] = aggregate.Category + "-{id}",
            ["title"] = $"{aggregate.Name} streams",
        };
        if (aggregate.Summary is { } summary)
            channel["description"] = summary;
        channel["parameters"] = new JsonObject
        {
            ["id"] = new JsonObject { ["description"] = $"The {aggregate.Id ?? "id"} as text." },
        };
        AddChannel(channelKey, channel, events, channelsOf);
        _operations[KeyOf($"write.{aggregate.Category}")] = Operation(
            "send", channelKey, events.Select(NewestMessageKeyOf), $"What {aggregate.Name} records.");
    }

    /// <summary>Writes the events that no aggregate writes.</summary>
    private void AddOtherEvents(Dictionary<string, List<string>> channelsOf)
    {
        var otherEvents = _model.Events.Where(found => !channelsOf.ContainsKey(found.Name)).ToList();
        if (otherEvents.Count == 0)
            return;
        var channel = new JsonObject { ["address"] = null, ["title"] = "Other events" };
        AddChannel("events", channel, otherEvents, channelsOf);
        var written = otherEvents.Where(found => found.Writers.Count > 0).Select(NewestMessageKeyOf).ToList();
        if (written.Count > 0)
            _operations["write.events"] = Operation(
                "send", "events", written, "What is appended without an aggregate.");
    }

    private void AddChannel(
        string channelKey,
        JsonObject channel,
        IEnumerable<EventDescription> events,
        Dictionary<string, List<string>> channelsOf)
    {
        var messages = new JsonObject();
        foreach (var found in events)
        {
            if (!channelsOf.TryGetValue(found.Name, out var channels))
                channelsOf[found.Name] = channels = [];
            channels.Add(channelKey);
            foreach (var version in found.Versions.Where(version => version.ClrType is not null))
            {
                var name = MessageKeyOf(found, version.Version);
                _messages[name] ??= MessageOf(found, version);
                messages[name] = Reference($"#/components/messages/{name}");
            }
        }
        channel["messages"] = messages;
        _channels[channelKey] = channel;
    }

    private JsonObject MessageOf(EventDescription description, EventVersionDescription version)
    {
        var message = new JsonObject
        {
            ["name"] = description.Name,
            ["title"] = $"{description.Name}, version {Text(version.Version)}",
        };
        if (description.Summary is { } summary)
            message["summary"] = summary;
        message["contentType"] = version.ContentType ?? "application/json";
        message["payload"] = _schemas.Of(version.ClrType!); // Only versions with a type are added.
        message["x-schema-version"] = version.Version;
        message["x-written-by"] = Texts(description.Writers.Select(ModelText.Of));
        message["x-read-by"] = Texts(description.Readers.Where(reader => reader.Kind != EventPartKind.Process)
            .Select(reader => $"{ModelText.Of(reader.Kind)} {reader.Name}"));
        return message;
    }

    private void AddConsumer(ConsumerDescription consumer, Dictionary<string, List<string>> channelsOf)
    {
        var isForAll = consumer.ReceivesAllEvents && consumer.Events.Count == 0;
        var events = _model.Events.Where(found => isForAll || consumer.Events.Contains(found.Name));
        var messages = events.SelectMany(found =>
            channelsOf[found.Name].Select(channel => (Channel: channel, Event: found)));
        foreach (var channel in messages.GroupBy(message => message.Channel, StringComparer.Ordinal))
        {
            var summary = consumer.Summary ?? $"What {consumer.Name} reacts to.";
            _operations[KeyOf($"{consumer.Name}.{channel.Key}")] = Operation(
                "receive", channel.Key, channel.Select(message => NewestMessageKeyOf(message.Event)), summary);
        }
    }

    private void AddCommand(CommandDescription command)
    {
        var (channelKey, messageKey) = (KeyOf($"commands.{command.Name}"), KeyOf($"command.{command.Name}"));
        var document = new JsonObject
        {
            ["name"] = command.Name,
            ["contentType"] = "application/json",
            ["payload"] = _schemas.Of(command.Type),
        };
        if (command.Summary is { } summary)
            document["summary"] = summary;
        document["x-leads-to"] = Texts(command.Events);
        _messages[messageKey] = document;
        _channels[channelKey] = new JsonObject
        {
            ["address"] = null,
            ["messages"] = new JsonObject { [messageKey] = Reference($"#/components/messages/{messageKey}") },
        };
        _operations[KeyOf($"handle.{command.Name}")] = Operation(
            "receive",
            channelKey,
            [messageKey],
            command.Summary ?? $"Handles {command.Name}.");
    }

    private static JsonObject Operation(string action, string channel, IEnumerable<string> messages, string summary) =>
        new()
        {
            ["action"] = action,
            ["channel"] = Reference($"#/channels/{channel}"),
            ["summary"] = summary,
            ["messages"] = new JsonArray([
                .. messages.Select(message => Reference($"#/channels/{channel}/messages/{message}")),
            ]),
        };

    private string NewestMessageKeyOf(EventDescription description) =>
        MessageKeyOf(description, description.Versions.Last(version => version.ClrType is not null).Version);

    private string MessageKeyOf(EventDescription description, int version) =>
        KeyOf($"{description.Name}.v{Text(version)}");

    /// <summary>
    /// Returns a name as a key. AsyncAPI allows only letters, digits, dots, dashes and underscores in keys.
    /// </summary>
    private string KeyOf(string name)
    {
        if (_keys.TryGetValue(name, out var existing))
            return existing;
        var sanitized = string.Concat(
            name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' ? letter : '_'));
        var key = sanitized;
        for (var number = 2; !_usedKeys.Add(key); number++)
            key = $"{sanitized}-{Text(number)}";
        return _keys[name] = key;
    }

    private static JsonObject Reference(string to) => new() { ["$ref"] = to };

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
