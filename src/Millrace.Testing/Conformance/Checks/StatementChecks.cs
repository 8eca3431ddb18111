using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of SQL statements of the application that run in the transaction of a commit. The checks use only
/// SQL that SQLite and PostgreSQL share.
/// </summary>
internal static class StatementChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new(
            "Statements are committed together with the events of their request",
            Committed_together,
            StorageFeatures.RunsStatements),
        new(
            "A failed statement rolls back its request, and the error names the statement",
            Failed_leaves_nothing,
            StorageFeatures.RunsStatements),
        new("Statements of a refused request are not run", Refused_is_not_run, StorageFeatures.RunsStatements),
        new("Statements can have parameters of every kind", Parameters, StorageFeatures.RunsStatements),
        new(
            "Each request with statements in a batch has its own outcome",
            Several_in_a_batch,
            StorageFeatures.RunsStatements),
        new(
            "A failed statement rolls back its batch",
            Failed_leaves_nothing_of_its_batch,
            StorageFeatures.RunsStatements),
    ];

    private static async Task Committed_together(StorageProbe probe)
    {
        await CreateTable(probe);

        await probe.Do(new CommitRequest
        {
            Appends = [Sample.To("a", ExpectedVersion.NoStream, Sample.Event(1))],
            Statements = [Insert(1, "one"), Insert(2, "two")],
        });

        Expect.Equal(1, await probe.LastPosition(), "the head of the log");
        await ExpectRow(probe, 1, exists: true);
        await ExpectRow(probe, 2, exists: true);
    }

    private static async Task Failed_leaves_nothing(StorageProbe probe)
    {
        await CreateTable(probe);
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        await probe.Do(new CommitRequest { Statements = [Insert(1, "one")] });

        var failed = await Expect.Throws<StorageException>(
            () => probe.Try(new CommitRequest
            {
                Appends = [Sample.To("a", ExpectedVersion.NoStream, Sample.Event(1))],
                Documents = [Sample.Put("plain@1", "a", "x")],
                Statements = [Insert(2, "two"), Insert(1, "again")],
            }),
            "a statement that breaks a constraint");

        Expect.Equal(StorageProblem.Statement, failed.Problem, "the problem");
        Expect.Equal(0, await probe.LastPosition(), "the head of the log");
        Expect.Equal(
            null, await probe.Documents.Get("plain@1", "a", probe.Cancel), "the document of the failed request");
        await ExpectRow(probe, 2, exists: false);
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));
    }

    private static async Task Refused_is_not_run(StorageProbe probe)
    {
        await CreateTable(probe);

        await probe.Refuse<VersionConflictException>(new CommitRequest
        {
            Appends = [Sample.To("a", ExpectedVersion.StreamExists, Sample.Event(1))],
            Statements = [Insert(1, "one")],
        });

        await ExpectRow(probe, 1, exists: false);
    }

    private static async Task Parameters(StorageProbe probe)
    {
        await CreateTable(probe);
        object?[] values =
        [
            null,
            "text",
            "",
            "it's \"odd\" 😀",
            42L,
            long.MinValue,
            7,
            1.5,
            12.50m,
            true,
            false,
            new DateOnly(2011, 12, 5),
            Sample.Id(1),
            new byte[] { 0, 1, 255 },
        ];
        foreach (var (index, value) in values.Index())
            await probe.Do(
                new CommitRequest
                {
                    Statements = [new SqlStatement("INSERT INTO mine (id, name) VALUES (?, ?)", [(long)index, value])],
                }
            );

        for (var index = 0; index < values.Length; index++)
            await ExpectRow(probe, index, exists: true);
    }

    private static async Task Several_in_a_batch(StorageProbe probe)
    {
        await CreateTable(probe);

        var outcomes = await probe.Commit(
            new CommitRequest
            {
                Appends = [Sample.To("a", ExpectedVersion.NoStream, Sample.Event(1))],
                Statements = [Insert(1, "one")],
            },
            new CommitRequest
            {
                Appends = [Sample.To("a", ExpectedVersion.NoStream, Sample.Event(2))],
                Statements = [Insert(2, "two")],
            },
            new CommitRequest
            {
                Appends = [Sample.To("b", ExpectedVersion.NoStream, Sample.Event(3))],
                Statements =
                [
                    new SqlStatement("UPDATE mine SET name = ? WHERE id = ?", ["three", 1L]),
                    Insert(3, "three"),
                ],
            }
        );

        Expect.Committed(outcomes[0]);
        Expect.Refused<VersionConflictException>(outcomes[1]);
        Expect.Committed(outcomes[2]);
        Expect.Equal(2, await probe.LastPosition(), "the head of the log");
        await ExpectRow(probe, 1, exists: true);
        await ExpectRow(probe, 2, exists: false);
        await ExpectRow(probe, 3, exists: true);
    }

    private static async Task Failed_leaves_nothing_of_its_batch(StorageProbe probe)
    {
        await CreateTable(probe);

        var failed = await Expect.Throws<StorageException>(
            () => probe.Commit(
                new CommitRequest
                {
                    Appends = [Sample.To("a", ExpectedVersion.NoStream, Sample.Event(1))],
                    Statements = [Insert(1, "one")],
                },
                new CommitRequest { Statements = [Insert(1, "again")] }),
            "a statement that breaks a constraint");

        Expect.Equal(StorageProblem.Statement, failed.Problem, "the problem");
        Expect.Equal(0, await probe.LastPosition(), "the head of the log");
        await ExpectRow(probe, 1, exists: false);
    }

    private static async Task CreateTable(StorageProbe probe) =>
        await probe.Do(
            new CommitRequest
            {
                Statements = [new SqlStatement("CREATE TABLE mine (id BIGINT PRIMARY KEY, name TEXT)", [])],
            }
        );

    private static SqlStatement Insert(long id, string name) =>
        new("INSERT INTO mine (id, name) VALUES (?, ?)", [id, name]);

    /// <summary>
    /// Throws unless a row exists or is missing, as expected. A row that exists cannot be inserted again.
    /// </summary>
    private static async Task ExpectRow(StorageProbe probe, long id, bool exists)
    {
        var inserted = true;
        try
        {
            await probe.Try(new CommitRequest { Statements = [Insert(id, "probe")] });
        }
        catch (StorageException)
        {
            inserted = false;
        }
        Expect.Equal(exists, !inserted, $"whether row {id} exists");
    }
}
