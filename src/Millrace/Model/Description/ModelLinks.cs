using System.Text.Json;

namespace Millrace.Model.Description;

/// <summary>
/// Reads the relations between the parts of a model that the generator recorded. The parts are identified by full type
/// names.
/// </summary>
internal sealed class ModelLinks
{
    private readonly JsonElement _root;

    private ModelLinks(JsonElement root) => _root = root;

    /// <summary>Gets the full name of the model's class.</summary>
    public string Model => Text(_root, "model") ?? "";

    public string? Summary => Text(_root, "summary");

    public IEnumerable<JsonElement> Aggregates => Each(_root, "aggregates");

    public IEnumerable<JsonElement> Deciders => Each(_root, "deciders");

    public IEnumerable<JsonElement> Commands => Each(_root, "commands");

    public IEnumerable<JsonElement> Queries => Each(_root, "queries");

    public IEnumerable<JsonElement> Consumers => Each(_root, "consumers");

    /// <summary>Gets the commands that the steps of each process send.</summary>
    public IEnumerable<JsonElement> Processes => Each(_root, "processes");

    /// <summary>Gets the effect of each event in each projection.</summary>
    public IEnumerable<JsonElement> Folds => Each(_root, "folds");

    /// <summary>Gets other code that appends events or sends commands.</summary>
    public IEnumerable<JsonElement> Others => Each(_root, "others");

    /// <summary>Gets the summaries of events and projections, by full name.</summary>
    public IEnumerable<(string Type, string Summary)> Summaries =>
        Each(_root, "events")
            .Concat(Each(_root, "projections"))
            // The generator writes a type for each entry.
            .Select(found => (Text(found, "type")!, Text(found, "summary") ?? ""));

    /// <exception cref="FormatException">The JSON was not written by the generator.</exception>
    public static ModelLinks Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new(document.RootElement.Clone());
        }
        catch (JsonException exception)
        {
            throw new FormatException(
                $"A model's description is not in the generator's format: {exception.Message}", exception);
        }
    }

    public static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) ? found.GetString() : null;

    public static bool Flag(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) && found.GetBoolean();

    public static IEnumerable<string> Texts(JsonElement json, string name) => json.TryGetProperty(name, out var found)
        ? found.EnumerateArray().Select(item => item.GetString()!) // The generator writes no null.
        : [];

    public static IEnumerable<JsonElement> Each(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) ? found.EnumerateArray() : [];
}
