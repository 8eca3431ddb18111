using Millrace.Cli.Sql;

namespace Millrace.Cli.Tests;

/// <summary>Tests where texts, names and comments of a statement end.</summary>
public sealed class StatementScannerTests
{
    [Theory]
    [InlineData("SELECT 1", false)]
    [InlineData("SELECT 1;", true)]
    [InlineData("SELECT 1; ", true)]
    [InlineData("SELECT ';' AS \";\";", true)]
    [InlineData("SELECT /* /* ; */ */ 1;", true)]
    [InlineData("SELECT 'a\\';", true)] // A backslash has a meaning only after E.
    [InlineData("SELECT E'a\\'b';", true)]
    [InlineData("SELECT e'a\\\\';", true)]
    [InlineData("SELECT E'a''b\\';';", true)]
    [InlineData("SELECT name'a\\';", true)] // The E of a word starts no text.
    [InlineData("SELECT \u00e9e'a\\';", true)]
    [InlineData("SELECT E'a' 'b\\';", true)] // On the same line, the second text is another one.
    [InlineData("SELECT E'a'\n'b\\';';", true)]
    [InlineData("SELECT $$;$$;", true)]
    [InlineData("SELECT $a$ $b$;$$ $A$ ; $a$;", true)]
    [InlineData("SELECT $\u00e9_1$;'$\u00e9_1$;", true)]
    [InlineData("SELECT $1 || '$1$';", true)]
    [InlineData("SELECT $a + $b;", true)]
    [InlineData("SELECT a$$ + b$b$;", true)]
    public void A_statement_ends_with_a_semicolon_outside_of_texts(string text, bool isTerminated) =>
        Assert.Equal((StatementEnd.Code, isTerminated), StatementScanner.Scan(text));

    [Theory]
    [InlineData("SELECT 'a;", "Text")]
    [InlineData("SELECT E'a\\';", "Text")]
    [InlineData("SELECT E'a\\", "Text")]
    [InlineData("SELECT E'a'\n'b\\';", "Text")]
    [InlineData("SELECT $$ $a$;", "Text")]
    [InlineData("SELECT $tag$ $$ $TAG$;", "Text")]
    [InlineData("SELECT \"a;", "Name")]
    [InlineData("SELECT /* ;", "Comment")]
    [InlineData("SELECT /* /* */ 1;", "Comment")]
    [InlineData("SELECT /*/ 1;", "Comment")]
    public void An_open_text_name_or_comment_continues(string text, string end) =>
        Assert.Equal((Enum.Parse<StatementEnd>(end), false), StatementScanner.Scan(text));
}
