using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace IdServer.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class PushedRequests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "pushed_request_id",
                table: "interactions",
                type: "BLOB",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "pushed_requests",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    digest = table.Column<byte[]>(type: "BLOB", nullable: false),
                    client_id = table.Column<string>(type: "TEXT", nullable: false),
                    parameters = table.Column<string>(type: "TEXT", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false),
                    spent_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_pushed_requests", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_pushed_requests_expires_at",
                table: "pushed_requests",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "pushed_requests");

            migrationBuilder.DropColumn(
                name: "pushed_request_id",
                table: "interactions");
        }
    }
}
