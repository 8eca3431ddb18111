namespace Commerce.Api;

/// <summary>What was done, in words.</summary>
public sealed record Answer(string Message);

/// <summary>A page of a list.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, int Number, int PageSize, long Total);

/// <summary>Which page of a list is wanted: from 1, of 20 unless said otherwise, and of 100 at the most.</summary>
public readonly record struct PageRequest
{
    public PageRequest(int? number, int? size)
    {
        var problems = new ValidationProblems();
        problems.Require(number is null or >= 1 and <= 1_000_000, "page", "Pages count from 1.");
        problems.Require(size is null or >= 1 and <= 100, "page_size", "A page has 1 to 100 items.");
        if (problems.All.Count > 0)
            throw new ValidationFailedException("list", problems.All);
        (Number, Size) = (number ?? 1, size ?? 20);
    }

    public int Number { get; }

    public int Size { get; }

    public int Skip => (Number - 1) * Size;
}

/// <summary>What the endpoints have in common: they send a command and say what it did.</summary>
public static class CommandAnswers
{
    public static async Task<IResult> Do(
        this ICommandBus bus, ICommand command, HttpContext http, string message, CancellationToken cancellationToken)
    {
        var result = await bus.Send(command, cancellationToken);
        http.Answer(result.Token);
        return TypedResults.Ok(new Answer(message));
    }

    public static async Task<IResult> Do<TResult>(
        this ICommandBus bus, ICommand<TResult> command, HttpContext http, CancellationToken cancellationToken)
    {
        var result = await bus.Send(command, cancellationToken);
        http.Answer(result.Token);
        return TypedResults.Ok(result.Value);
    }
}
