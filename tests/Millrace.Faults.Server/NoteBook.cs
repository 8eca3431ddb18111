namespace Millrace.Faults;

/// <summary>
/// The events and documents of nodes on PostgreSQL. Eight consumers count the notes by eight different keys.
/// </summary>
[Model]
public sealed partial class NoteBook;

/// <summary>Recorded when a writer adds a note to a page. Each writer numbers its notes.</summary>
[Event("note.written")]
public sealed record NoteWritten(string Page, int Writer, long Number);

/// <summary>
/// The number of notes, the sum of their numbers, and the number of the last note. Tests use the tally to detect
/// lost, duplicate or reordered events.
/// </summary>
public sealed record Tally(long Notes, long Sum, long Last)
{
    public static Tally Add(Tally? tally, NoteWritten note) => tally is null
        ? new Tally(1, note.Number, note.Number)
        : new Tally(tally.Notes + 1, tally.Sum + note.Number, note.Number);
}

public sealed record PageTally(Tally Tally);

public sealed record WriterTally(Tally Tally);

public sealed record PairTally(Tally Tally);

public sealed record ThirdTally(Tally Tally);

public sealed record SeventhTally(Tally Tally);

public sealed record EleventhTally(Tally Tally);

public sealed record TeamTally(Tally Tally);

public sealed record LengthTally(Tally Tally);

[Projection("page-tallies")]
public sealed partial class PageTallies : Projection<string, PageTally>
{
    public static string Key(NoteWritten note) => note.Page;

    public static PageTally? Apply(PageTally? tally, NoteWritten note) => new(Tally.Add(tally?.Tally, note));
}

[Projection("writer-tallies")]
public sealed partial class WriterTallies : Projection<int, WriterTally>
{
    public static int Key(NoteWritten note) => note.Writer;

    public static WriterTally? Apply(WriterTally? tally, NoteWritten note) => new(Tally.Add(tally?.Tally, note));
}

[Projection("pair-tallies")]
public sealed partial class PairTallies : Projection<long, PairTally>
{
    public static long Key(NoteWritten note) => note.Number % 2;

    public static PairTally? Apply(PairTally? tally, NoteWritten note) => new(Tally.Add(tally?.Tally, note));
}

[Projection("third-tallies")]
public sealed partial class ThirdTallies : Projection<long, ThirdTally>
{
    public static long Key(NoteWritten note) => note.Number % 3;

    public static ThirdTally? Apply(ThirdTally? tally, NoteWritten note) => new(Tally.Add(tally?.Tally, note));
}

[Projection("seventh-tallies")]
public sealed partial class SeventhTallies : Projection<long, SeventhTally>
{
    public static long Key(NoteWritten note) => note.Number % 7;

    public static SeventhTally? Apply(SeventhTally? tally, NoteWritten note) => new(Tally.Add(tally?.Tally, note));
}

[Projection("eleventh-tallies")]
public sealed partial class EleventhTallies : Projection<long, EleventhTally>
{
    public static long Key(NoteWritten note) => note.Number % 11;

    public static EleventhTally? Apply(EleventhTally? tally, NoteWritten note) => new(Tally.Add(tally?.Tally, note));
}

[Projection("team-tallies")]
public sealed partial class TeamTallies : Projection<int, TeamTally>
{
    public static int Key(NoteWritten note) => note.Writer % 4;

    public static TeamTally? Apply(TeamTally? tally, NoteWritten note) => new(Tally.Add(tally?.Tally, note));
}

[Projection("length-tallies")]
public sealed partial class LengthTallies : Projection<int, LengthTally>
{
    public static int Key(NoteWritten note) => note.Page.Length;

    public static LengthTally? Apply(LengthTally? tally, NoteWritten note) => new(Tally.Add(tally?.Tally, note));
}
