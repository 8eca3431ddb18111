using Millrace.Shared.Settings;

namespace Millrace.Cli;

/// <summary>Finds streams by their names.</summary>
internal sealed class StreamNames(OpenStore open)
{
    private const int PageSize = 1_000;
    private const int MaxCategories = 1_000;

    /// <summary>Returns streams with a prefix, in ordinal order, after a given name.</summary>
    public async Task<List<StreamInfo>> List(
        string prefix, string? after, int maxCount, CancellationToken cancellationToken)
    {
        var found = new List<StreamInfo>();
        while (found.Count < maxCount)
        {
            var limit = Math.Min(PageSize, maxCount - found.Count);
            var page = await open.Storage.Log.ListStreams(prefix, after, limit, cancellationToken);
            found.AddRange(page);
            if (page.Count < limit)
                break;
            after = page[^1].Stream.Value;
        }
        return found;
    }

    /// <summary>
    /// Returns the categories, which are the parts of stream names before the first '-'. The number of look-ups depends
    /// only on the number of categories.
    /// </summary>
    public async Task<List<string>> Categories(CancellationToken cancellationToken)
    {
        var found = new List<string>();
        string? after = null;
        while (found.Count < MaxCategories)
        {
            var page = await open.Storage.Log.ListStreams("", after, 1, cancellationToken);
            if (page.Count == 0)
                break;
            var category = page[0].Stream.Category;
            if (!found.Contains(category))
                found.Add(category);
            // The text ends with the greatest character, so that it sorts after every stream name of the category.
            after = page[0].Stream.Value == category ? category : category + "-\U0010ffff";
        }
        return found;
    }

    /// <summary>
    /// Returns a sentence with existing names that are similar to a name, or null if there are no similar names.
    /// </summary>
    public async Task<string?> Suggest(string name, CancellationToken cancellationToken)
    {
        const int FewStreams = 5;
        const int Candidates = 200;
        for (var length = name.Length; length > 0; length = length * 2 / 3)
        {
            var prefix = char.IsHighSurrogate(name[length - 1]) ? name[..(length - 1)] : name[..length];
            var found = await List(prefix, null, Candidates, cancellationToken);
            var near = found
                .Select(stream => stream.Stream.Value)
                .OrderBy(one => NameSuggestions.Distance(name, one))
                .Take(FewStreams);
            if (found.Count > 0)
                return "Similar names: " + string.Join(", ", near) + ".";
        }
        return null;
    }
}
