using System.Text.Json;

namespace Millrace.Model.Description;

/// <summary>Creates the description of a consumer from the information that the generator recorded.</summary>
internal sealed class ConsumerReader(
    ContextNames contexts,
    Func<IEnumerable<string>, List<string>> eventNames,
    Func<IEnumerable<string>, List<string>> commandNames,
    IEnumerable<string> storedNames)
{
    public ConsumerDescription Read(JsonElement link)
    {
        var location = ModelLinks.Text(link, "in") ?? "";
        var types = ModelLinks.Texts(link, "types").ToList();
        var events = eventNames(ModelLinks.Texts(link, "events"));
        var streams = ModelLinks.Text(link, "streams");
        var known = storedNames.ToHashSet(StringComparer.Ordinal);
        return new(
            ModelLinks.Text(link, "name") ?? "",
            contexts.Of(location[..Math.Max(0, location.LastIndexOf('.'))]),
            Short(location))
        {
            Summary = ModelLinks.Text(link, "summary"),
            Events =
            [
                .. (types.Count > 0 ? types.Where(known.Contains) : events).Distinct().Order(StringComparer.Ordinal),
            ],
            ReceivesAllEvents = types.Count == 0 && streams is null,
            Sends = commandNames(ModelLinks.Texts(link, "sends")),
        };
    }

    /// <summary>Returns the class and the method of a location, without the namespace.</summary>
    public static string Short(string location) =>
        string.Join('.', location.Split('.')[^Math.Min(2, location.Split('.').Length)..]);
}
