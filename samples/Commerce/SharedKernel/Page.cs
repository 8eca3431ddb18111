namespace Commerce.SharedKernel;

/// <summary>Pages of lists: counted from 1, with 20 items by default and at most 100.</summary>
public static class Page
{
    public const int DefaultSize = 20;

    /// <summary>Throws when the requested page is not valid.</summary>
    public static void Require(int page, int pageSize)
    {
        var problems = new ValidationProblems();
        problems.Require(page is >= 1 and <= 1_000_000, "page", "Pages count from 1.");
        problems.Require(pageSize is >= 1 and <= 100, "pageSize", "A page has 1 to 100 items.");
        if (problems.All.Count > 0)
            throw new ValidationFailedException("list", problems.All);
    }

    /// <summary>Returns the number of items before a page.</summary>
    public static int Skip(int page, int pageSize) => (page - 1) * pageSize;
}
