using System.Text.Json;
using System.Text.Json.Serialization;

#pragma warning disable MILL0038 // The handwritten model of the library names its events where it registers them.
namespace Millrace.AspNetCore.Tests;

public sealed record BookAdded(string Title, int Copies);

public sealed record BookLent(string Reader);

/// <summary>A book of a library, the aggregate of these tests.</summary>
public sealed class Book : Aggregate<Guid>
{
    public int Free { get; private set; }

    public string Title { get; private set; } = "";

    public void Add(string title, int copies) => Raise(new BookAdded(title, copies));

    public void Lend(string reader)
    {
        if (reader == "the bin" && Free == 0)
            throw new WrongStateException(nameof(Book), "book-here", "lent", "be dropped");
        Require(Free > 0, "book-free", "All copies are lent.");
        Raise(new BookLent(reader));
    }

    protected override void Evolve(object @event)
    {
        if (@event is BookAdded added)
            (Title, Free) = (added.Title, added.Copies);
        else
            Free--;
    }
}

/// <summary>The number of a shelf, which is greater than zero. The converter refuses other numbers.</summary>
[JsonConverter(typeof(ShelfConverter))]
public readonly record struct Shelf(int Number);

public sealed class ShelfConverter : JsonConverter<Shelf>
{
    public override Shelf Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var number = reader.GetInt32();
        return number > 0
            ? new Shelf(number)
            : throw new InvalidValueException("Shelf", $"{number}", "shelves count from 1.");
    }

    public override void Write(Utf8JsonWriter writer, Shelf value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Number);
}

public sealed record AddBook(Guid Book, string Title, int Copies, Shelf Shelf, string? Note = null) : ICommand;

public sealed record LendBook(Guid Book, string Reader) : ICommand<Loan>;

public sealed record DropBook(Guid Book, string? Reason = null) : ICommand;

public sealed record Overload : ICommand;

public sealed record CountLoans(string Reader) : IQuery<ReaderLoans>;

public sealed record ReaderLoans(string Reader, int Loans);

/// <summary>The projection that counts the loans of each reader.</summary>
public sealed class ReaderLoansProjection : Projection<string, ReaderLoans>
{
    protected override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
    {
        if (recorded.Data is BookLent lent)
            keys.Add(lent.Reader);
    }

    protected override ReaderLoans? Fold(string key, ReaderLoans? document, RecordedEvent recorded) =>
        new(key, (document?.Loans ?? 0) + 1);
}

public sealed record Loan(Guid Book, string Reader, int FreeCopies);

public sealed record FindBook(Guid Book, int? AtLeast = null, IReadOnlyList<string>? Words = null) : IQuery<BookView?>;

public sealed record BookView(Guid Book, string Title, int Free, int AtLeast, string Words, bool SawToken);

[JsonSerializable(typeof(BookAdded))]
[JsonSerializable(typeof(BookLent))]
[JsonSerializable(typeof(AddBook))]
[JsonSerializable(typeof(LendBook))]
[JsonSerializable(typeof(DropBook))]
[JsonSerializable(typeof(Overload))]
[JsonSerializable(typeof(Loan))]
[JsonSerializable(typeof(FindBook))]
[JsonSerializable(typeof(BookView))]
[JsonSerializable(typeof(CountLoans))]
[JsonSerializable(typeof(ReaderLoans))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
public sealed partial class LibraryJson : JsonSerializerContext;

/// <summary>The handwritten model, with the same registrations as generated code.</summary>
public sealed class Library : IModel
{
    /// <summary>
    /// The decider that counts the loans of a reader from a stream of the reader, and formats them as text.
    /// </summary>
    private static readonly Decider<int> Reading = new(
        "reader", () => 0, (books, happened) => happened is BookLent ? books + 1 : books)
    {
        Name = "Reading",
    };

    public static void Register(ModelBuilder model) =>
        model
            .Event("book.added", 1, LibraryJson.Default.BookAdded)
            .Event("book.lent", 1, LibraryJson.Default.BookLent)
            .Aggregate(new AggregateDefinition<Book, Guid>("book", () => new Book()))
            .Decider(Reading)
            .Command(
                new CommandDefinition<AddBook, Nothing>("add-book", Add)
                {
                    Validate = (command, problems) =>
                    {
                        problems.Require(command.Title.Length > 0, "title", "A book has a title.");
                        problems.Require(command.Copies > 0, "copies", "There is at least one copy.");
                    },
                }
            )
            .Command(new CommandDefinition<LendBook, Loan>("lend-book", Lend))
            .Command(new CommandDefinition<DropBook, Nothing>("drop-book", Drop))
            .Command(
                new CommandDefinition<Overload, Nothing>(
                    "overload", _ => throw new StoreBusyException(1, 1, TimeSpan.Zero)))
            .Query(new QueryDefinition<FindBook, BookView?>("find-book", Find))
            .Query(new QueryDefinition<CountLoans, ReaderLoans>("count-loans", Count))
            .Projection(
                new ProjectionDefinition<string, ReaderLoans>
                {
                    Name = "reader-loans",
                    Events = [typeof(BookLent)],
                    Create = () => new ReaderLoansProjection(),
                    Document = LibraryJson.Default.ReaderLoans,
                }
            )
            .Json(LibraryJson.Default);

    private static async ValueTask<ReaderLoans> Count(
        CountLoans query, QueryContext context, CancellationToken cancellationToken)
    {
        var loans =
            (IReadModel<string, ReaderLoans>)context.Services.GetService(typeof(IReadModel<string, ReaderLoans>))!;
        return await loans.Get(query.Reader, context, cancellationToken) ?? new ReaderLoans(query.Reader, 0);
    }

    private static async ValueTask<Nothing> Add(
        AddBook command, CommandContext context, CancellationToken cancellationToken)
    {
        (await context.New<Book, Guid>(command.Book, cancellationToken)).Add(command.Title, command.Copies);
        return default;
    }

    private static async ValueTask<Loan> Lend(
        LendBook command, CommandContext context, CancellationToken cancellationToken)
    {
        var book = await context.Load<Book, Guid>(command.Book, cancellationToken);
        book.Lend(command.Reader);
        return new Loan(command.Book, command.Reader, book.Free);
    }

    private static async ValueTask<Nothing> Drop(
        DropBook command, CommandContext context, CancellationToken cancellationToken)
    {
        (await context.Load<Book, Guid>(command.Book, cancellationToken)).Lend("the bin");
        return default;
    }

    private static async ValueTask<BookView?> Find(
        FindBook query, QueryContext context, CancellationToken cancellationToken)
    {
        var books = (AggregateRepository)context.Services.GetService(typeof(AggregateRepository))!;
        var book = await books.LoadOrNew<Book, Guid>(query.Book, cancellationToken);
        if (book.Version == 0)
            return null;
        context.RecordFreshness(new Freshness(query.AtLeast ?? 0));
        return new BookView(
            query.Book,
            book.Title,
            book.Free,
            query.AtLeast ?? 0,
            string.Join(" ", query.Words ?? []),
            !context.After.IsNone);
    }
}
