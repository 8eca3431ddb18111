namespace Millrace.AspNetCore.Tests.Cinema;

/// <summary>
/// A generated model, which is the usual case in applications. The model of the library is handwritten.
/// </summary>
[Model]
public sealed partial class CinemaModel;

[Id<Guid>]
public readonly partial record struct FilmId;

public enum Rating
{
    Everyone,
    FromTwelve,
    Adults,
}

/// <summary>Looks for films.</summary>
/// <param name="Genres">All of which a film has.</param>
public sealed record ListFilms(
    IReadOnlyList<string>? Genres = null,
    int[]? Years = null,
    IReadOnlyList<FilmId>? Films = null,
    Rating? Rating = null,
    int Page = 1) : IQuery<IReadOnlyList<FilmView>>;

/// <summary>A film and its reviews.</summary>
public sealed record FilmView(
    string Title,
    Halls.Seat Best,
    Tickets.Seat Sold,
    IReadOnlyDictionary<string, decimal?> Prices,
    TimeSpan Length,
    IReadOnlyList<Comment> Comments);

public sealed record Comment(string Text, IReadOnlyList<Comment> Replies);

/// <summary>Books seats.</summary>
public sealed record BookSeats(FilmId Film, IReadOnlyList<Halls.Seat> Seats, string Name, string? Remark = null)
    : ICommand<string>;

public static class FilmHandlers
{
    public static IReadOnlyList<FilmView> Handle(ListFilms query) =>
    [
        new(
            $"{Join(query.Genres)} {Join(query.Years)} {query.Films?.Count} {query.Rating} {query.Page}",
            new Halls.Seat(1, 2),
            new Tickets.Seat("A7"),
            new Dictionary<string, decimal?> { ["full"] = 9.5m, ["child"] = null },
            TimeSpan.FromMinutes(97),
            [new Comment("Good", [new Comment("Very", [])])]),
    ];

    private static string Join<T>(IEnumerable<T>? items) => string.Join('+', items ?? []);

    public static string Handle(BookSeats command) => $"{command.Name}: {command.Seats.Count}{command.Remark}";
}
