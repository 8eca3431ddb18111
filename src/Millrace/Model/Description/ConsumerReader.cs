using System.Text.Json;

namespace Millrace;

/// <summary>Reads what the generator recorded about a consumer.</summary>
internal sealed class ConsumerReader(
    ContextNames contexts,
    Func<IEnumerable<string>, List<string>> eventNames,
    Func<IEnumerable<string>, List<string>> commandNames,
    IEnumerable<string> storedNames)
{
    public ConsumerDescription Read(JsonElement link)
    {
        var place = ModelLinks.Text(link, "in") ?? "";
        var asked = ModelLinks.Texts(link, "types").ToList();
        var looked = eventNames(ModelLinks.Texts(link, "events"));
        var streams = ModelLinks.Text(link, "streams");
        var known = storedNames.ToHashSet(StringComparer.Ordinal);
        return new(
            ModelLinks.Text(link, "name") ?? "",
            contexts.Of(place[..Math.Max(0, place.LastIndexOf('.'))]),
            Short(place))
        {
            Summary = ModelLinks.Text(link, "summary"),
            Events =
            [
                .. (asked.Count > 0 ? asked.Where(known.Contains) : looked).Distinct().Order(StringComparer.Ordinal),
            ],
            AsksForAll = asked.Count == 0 && streams is null,
            Sends = commandNames(ModelLinks.Texts(link, "sends")),
        };
    }

    /// <summary>Returns the class and method, without the namespace.</summary>
    public static string Short(string place) =>
        string.Join('.', place.Split('.')[^Math.Min(2, place.Split('.').Length)..]);
}
