namespace Commerce.SharedKernel;

/// <summary>Pages of lists: they count from 1, and have 20 items unless said otherwise, 100 at the most.</summary>
public static class Page
{
    public const int UsualSize = 20;

    /// <summary>Names what is wrong with the page that was asked for.</summary>
    public static void Require(int page, int pageSize)
    {
        var problems = new ValidationProblems();
        problems.Require(page is >= 1 and <= 1_000_000, "page", "Pages count from 1.");
        problems.Require(pageSize is >= 1 and <= 100, "pageSize", "A page has 1 to 100 items.");
        if (problems.All.Count > 0)
            throw new ValidationFailedException("list", problems.All);
    }

    /// <summary>How many items come before a page.</summary>
    public static int Skip(int page, int pageSize) => (page - 1) * pageSize;
}
