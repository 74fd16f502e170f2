using Breakwater.Core.Incidents;
using Breakwater.Engine.Storage;
using Microsoft.Data.Sqlite;

namespace Breakwater.Tests.Engine.Storage;

public sealed class SchemaTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>tests/data/store/v1.sql is a dump of what the first version wrote, and stays as it is for ever.</summary>
    [Fact]
    public void Reads_what_the_first_version_wrote()
    {
        Run(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", "store", "v1.sql")));
        using var store = Open();

        var incident = Assert.Single(store.OpenIncidents());

        Assert.Equal("ddos-1", incident.Id);
        Assert.Equal(2, incident.Evidence.Flows.Count);
        Assert.Equal("dns-amplification", incident.Vectors[0]);
        Assert.Equal(IncidentState.Ended, store.FindIncident("ddos-0")!.State);
        Assert.Equal(17, Assert.Single(store.FindTraffic(incident.Start - TimeSpan.FromDays(1), incident.Start + TimeSpan.FromDays(1), null, TimeSpan.FromMinutes(1))).Packets);
        Assert.Equal("192.0.2.1", Assert.Single(store.FindExporters()).Address);
    }

    [Fact]
    public void Steps_run_once_each_from_where_the_database_stands()
    {
        using var connection = Connect();
        SchemaMigrator.Migrate(connection, "f", ["CREATE TABLE a (x)"]);
        SchemaMigrator.Migrate(connection, "f", ["CREATE TABLE a (x)", "ALTER TABLE a ADD y", "ALTER TABLE a ADD z"]);
        SchemaMigrator.Migrate(connection, "f", ["CREATE TABLE a (x)", "ALTER TABLE a ADD y", "ALTER TABLE a ADD z"]);

        Assert.Equal(3L, Scalar(connection, "PRAGMA user_version"));
        Assert.Equal(3L, Scalar(connection, "SELECT count(*) FROM pragma_table_info('a')"));
    }

    [Fact]
    public void A_step_that_fails_leaves_the_database_as_it_was()
    {
        using var connection = Connect();
        SchemaMigrator.Migrate(connection, "f", ["CREATE TABLE a (x)"]);

        Assert.Throws<SqliteException>(() => SchemaMigrator.Migrate(connection, "f", ["CREATE TABLE a (x)", "CREATE TABLE b (x); nonsense"]));

        Assert.Equal(1L, Scalar(connection, "PRAGMA user_version"));
        Assert.Equal(0L, Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'b'"));
    }

    [Fact]
    public void A_newer_schema_is_refused_by_name_and_version()
    {
        Open().Dispose();
        Run("PRAGMA user_version = 99");

        var problem = Assert.Throws<StoreException>(Open);

        Assert.Contains("breakwater.db has schema 99", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_programs_database_is_refused()
    {
        Run("CREATE TABLE theirs (x); PRAGMA user_version = 1");

        Assert.Contains("belongs to another program", Assert.Throws<StoreException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_named_in_the_error()
    {
        File.WriteAllText(_folder.File("breakwater.db"), new string('x', 10_000));

        var problem = Assert.Throws<StoreException>(Open);

        Assert.Contains(_folder.File("breakwater.db"), problem.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_that_cannot_be_read_is_an_error_that_names_the_file()
    {
        Open().Dispose();
        Run("INSERT INTO incidents VALUES ('x', 0, 0, 'open', 'ddos', 4, NULL, NULL, NULL, x'7B7D')");
        using var store = Open();

        Assert.Contains("breakwater.db", Assert.Throws<StoreException>(() => store.FindIncident("x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named_in_the_error()
    {
        File.WriteAllText(_folder.File("file"), "");
        using var store = new SqliteStore(new StorageOptions { Path = _folder.File("file/data") });

        Assert.Contains("file/data", Assert.Throws<StoreException>(store.Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_is_made_for_its_owner_only()
    {
        if (OperatingSystem.IsWindows()) return;
        using var store = new SqliteStore(new StorageOptions { Path = _folder.File("data") });
        store.Open();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.File("data")));
    }

    private SqliteStore Open()
    {
        var store = new SqliteStore(new StorageOptions { Path = _folder.Path });
        store.Open();
        return store;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={_folder.File("breakwater.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private void Run(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
