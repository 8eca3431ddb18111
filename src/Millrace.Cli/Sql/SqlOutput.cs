using System.Globalization;
using System.Text;
using System.Text.Json;
using Millrace.Cli.Output;
using Millrace.Shared.Json;
using Spectre.Console;

namespace Millrace.Cli.Sql;

/// <summary>Writes answers to SQL statements to the standard output or to a file.</summary>
internal static class SqlOutput
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes an answer in a format.</summary>
    public static void Write(ToolInvocation call, SqlAnswer answer, SqlFormat format, string? file)
    {
        if (file is not null)
            WriteFile(file, output => Write(output, answer, format));
        else if (format == SqlFormat.Table)
            WriteTable(call, answer);
        else
            Write(call.Bytes, answer, format);
        call.Flush();
        Report(call, answer.Rows.Count, answer.IsCut, answer.Position);
    }

    /// <summary>Writes a complete file: an interrupted one has another name, and is removed.</summary>
    /// <exception cref="CliException">The file exists, or cannot be written.</exception>
    public static void WriteFile(string file, Action<Stream> write)
    {
        RequireNew(file);
        var temporaryPath = CreateTemporary(file);
        try
        {
            using (var output = new FileStream(temporaryPath, FileMode.Truncate, FileAccess.Write))
                write(output);
            File.Move(temporaryPath, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(file, exception);
        }
        finally
        {
            File.Delete(temporaryPath);
        }
    }

    /// <summary>Creates an empty file with a new name beside a file, and returns its path.</summary>
    /// <exception cref="CliException">The file cannot be written.</exception>
    public static string CreateTemporary(string file)
    {
        var path = $"{file}.{Path.GetRandomFileName()}.part";
        try
        {
            new FileStream(path, FileMode.CreateNew, FileAccess.Write).Dispose();
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(file, exception);
        }
    }

    /// <summary>Gives a complete temporary file its name.</summary>
    /// <exception cref="CliException">The file cannot be written.</exception>
    public static void Move(string temporaryPath, string file)
    {
        try
        {
            File.Move(temporaryPath, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(file, exception);
        }
    }

    private static CliException CannotWrite(string file, Exception exception) =>
        new(ExitCode.Failed, $"'{file}' cannot be written: {exception.Message}");

    /// <summary>Reports on standard error how many rows there are, and up to which position they reflect the
    /// log.</summary>
    public static void Report(ToolInvocation call, long rows, bool isCut, long position)
    {
        var count = rows == 1 ? "1 row" : TextTable.Number(rows) + " rows";
        if (isCut)
            call.Errors.WriteLine($"{count}. The statement has more: raise --limit, or add conditions.");
        else if (call.IsInteractive)
            call.Errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count}, up to position {position}."));
    }

    /// <exception cref="CliException">The file exists.</exception>
    public static void RequireNew(string file)
    {
        if (File.Exists(file))
            throw new CliException(
                ExitCode.Failed, $"'{file}' already exists, and is not overwritten.", "Choose another name.");
    }

    private static void WriteTable(ToolInvocation call, SqlAnswer answer)
    {
        if (answer.Columns is [_, { Name: "plan" }] && answer.Rows is [[_, { } plan]])
        {
            call.Line(plan.TrimEnd());
            return;
        }
        var table = new TextTable([.. answer.Columns.Select(TitleOf)]);
        foreach (var row in answer.Rows)
            table.Add([.. row.Select(static value => value ?? "")]);
        table.Write(call, "No rows.");
    }

    private static string TitleOf(SqlColumn column) =>
        (column.Kind == SqlValueKind.Number ? "#" : "~") + TerminalText.OneLine(column.Name);

    private static void Write(Stream output, SqlAnswer answer, SqlFormat format)
    {
        if (format == SqlFormat.Json)
        {
            using (var writer = new Utf8JsonWriter(output, EventJson.WriterOptions))
            {
                writer.WriteStartObject();
                SqlAnswerJson.WriteMembers(writer, answer);
                writer.WriteEndObject();
            }
            output.WriteByte((byte)'\n');
            return;
        }
        using var text = new StreamWriter(output, Utf8, leaveOpen: true);
        if (format == SqlFormat.Csv)
            CsvWriter.Write(text, answer);
        else
            WriteLines(text, answer);
    }

    /// <summary>Writes a table to a file as lines with tabs.</summary>
    private static void WriteLines(StreamWriter text, SqlAnswer answer)
    {
        text.Write(string.Join('\t', answer.Columns.Select(static column => TerminalText.OneLine(column.Name))) + "\n");
        foreach (var row in answer.Rows)
            text.Write(string.Join('\t', row.Select(static value => TerminalText.OneLine(value ?? ""))) + "\n");
    }
}
