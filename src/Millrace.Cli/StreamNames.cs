namespace Millrace.Cli;

/// <summary>Finds streams by their names.</summary>
internal sealed class StreamNames(OpenStore open)
{
    private const int PageSize = 1_000;
    private const int MaxCategories = 1_000;

    /// <summary>Streams whose names begin with a prefix, in ordinal order, behind a name.</summary>
    public async Task<List<StreamInfo>> List(
        string prefix, string? after, int most, CancellationToken cancellationToken)
    {
        var found = new List<StreamInfo>();
        while (found.Count < most)
        {
            var limit = Math.Min(PageSize, most - found.Count);
            var page = await open.Storage.Log.ListStreams(prefix, after, limit, cancellationToken);
            found.AddRange(page);
            if (page.Count < limit)
                break;
            after = page[^1].Stream.Value;
        }
        return found;
    }

    /// <summary>
    /// What stands before the first '-' of names, each once: as many look-ups as there are, however many streams they
    /// have.
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
            // The greatest character there is: this lies behind every name that begins with the category and a dash.
            after = page[0].Stream.Value == category ? category : category + "-\U0010ffff";
        }
        return found;
    }

    /// <summary>Names that somebody who typed this one may have meant.</summary>
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
                return "Near it: " + string.Join(", ", near) + ".";
        }
        return null;
    }
}
